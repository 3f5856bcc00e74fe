// Plugin libraries of systems that the tests do not run on, made by the linkers of LLVM 22 from
//
//   OUT int arranger_plugin_stamp = 1;
//   OUT int register_plugin(void) { return 0; }   // on Windows it calls _CrtDbgReport of VCRUNTIME140D.dll
//
// where OUT makes visible what is hidden otherwise:
//   clang --target=arm64-apple-macos11 -fvisibility=hidden -c p.c, ld64.lld -dylib -arch arm64 -platform_version macos 11.3 11.3
//   clang --target=x86_64-apple-macos10.15 ..., ld64.lld -dylib -arch x86_64 -platform_version macos 10.15 10.15
//   clang --target=x86_64-pc-windows-msvc -c p.c, lld-link /dll /noentry /nodefaultlib p.obj vcruntime140d.lib
import { gunzipSync } from 'node:zlib'

const unpacked = (text: string) => gunzipSync(Buffer.from(text, 'base64'))

export const macArm64 = unpacked(
  'H4sIAAAAAAACA+3dX0hTURzA8XPvpvhnkhCU2h9GD1IQpanh44wJisvCZo6CLhPdGuqUObFCaC+C0UMvIRYEC4oKCkLUt2AF9mo+VGAR' +
    'NAnqwTB8KA2qc7cznWuaENHL9wM/7vmde+75x3m+Z2Zl4YdNCE1IuTJkWSzqQgyLYrNKlMr4KMMw3PUet/idI3ueo0JX1YYR7rwQXmuW' +
    '2V+FJfnMS8v19H6tIpKeGsZAcDAQ7DACQV9vlv5qVX+1xWu5LjZmrnMs0Y+zzl2XZX0bPC0qtNV5dXjD3vR5Zu/Pmpb/aV4NiX5cjc1N' +
    '9c7G1BrVbjj07LmWNifTPtmiQmxBJDlFs5sSc+xIsnxePs3vC2WczPhEF5uvYTNFMvarsdL1GN5Qz9HqQx0XuwPtMt+l2rhczrutrZXO' +
    '22+P+bqW5q1HZJ09tVZLYSI0tb952g5RLp/mEXBEkmfrgMob1H7tUXlU5lFtSxvUErMYr8ymu9W4dvXGvrYPunl+a4WK1FlUZ8UmvyoW' +
    'AAAAAAAAAAAAAAAAAAAAAAAAAAAAALCexhYAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAPD/aYbIEXqo0x/oD3eGjL7uAX8gKA57QyFv0L9a' +
    'YfSHvT19otoiHucKq4hEUv8NkGmCee/5NllZoe46327mZtmRzO3CyBzDyD7GeivvbDE5yahY+1VBiaqXQ2ojQreagyeuqJfhUW3yhYhE' +
    '7bqwbW0THKulzHvnS+biL4tqGh/4bn0bM47fuf91cj5/fNJ11hL7MF3Z4i59dPnhuKf3+SdfzPp6drZLP+HJ+Tk0MXRpeO7J1YYrB+/9' +
    '7fvFaRF37C37XDVbFj/zvrmtwf79zc5Kf8GXkWsjS08Hr//r8dtf5E646qpGn7XV6Euj5TeXF4yZqXNTp+LLpydvFHibfgFn/fYFQIIA' +
    'AA==',
)

export const macX64 = unpacked(
  'H4sIAAAAAAACA+3az0sbQRQH8DfZGIM/yIK2VOwh9FD0oquI5FQiRIgYSpEEeinPlaxxwaxhXTH2lEsPvfXotSev/gcVvOtf4VHw3EPp' +
    'TmaSDOk2etbvBx6TF3be/Ni5JMzt7/s/40TCIqJMHJNxOHHyjWyS5uIoCCLm6ubnKv0rn5yP6bD018yR144Gjw3Xa+kHs0aeNuumqWOm' +
    'zCfBqR/U2Q/2jxLqtXW9gj3IU/R/zN4B74du00ue3+WMat8YuWX0j/dt16wn9+28W6e0Ud1I2C87Obd0iP686m7kmvNMrpc28lHrlPMq' +
    'd+tUtj5ub5a2emt0VHNOybkw5iS9I+o49ATxQ0VSc5J7V3bU5wNHDSHP26ehLikavYZRpuNYMN5TT5PbhXVeX1uqnx36e0Tz+plKpWTX' +
    'aiuln8GHi1836Vereku7a81NdEPo/c2K1/Rev6qio87qos7LztPmVyt/v1u5+nIta77V4+SNV6nXLeT5L5CK/lnWZ2Mq7mUTAAAAAAAA' +
    'ADxXs7oVX3dItG1hT41nfwjsCwAAAAAAPA4/HQAAAAAAAABewh8ATGOUCr2Gfxx5IbcOTxp+QMtuGLpBo/8FH0dus0VrFj1kyKJOsdf9' +
    'IaNaeW85Jwb3+OV1+Zy8NJ1XeZ54eAxOHkP5CxCY3oyYMAAA',
)

export const windowsX64 = unpacked(
  'H4sIAAAAAAACA/ONqmBgZGBgYGFABQ4MhEEFEPPJ7+Jj2MJ5VnEHo89ZxZCMzGKFgqL89KLEXIXkxLy8/BKFpFSFotI8hcw8BRf/YIXc' +
    '/JRUPRUGhgBXBoaUNlRbPzAoKXAz8TEwMAE5bEgSAmCygRHGZkJIw5UFIDzBxJDACNMEozD5UKYCA0MGkMoA0hpoAcDDQDlYoIBiJQbQ' +
    'K0mtKAHSYkh+Q48MoBEJekUpiSWJDAx3oAIYYQRxsoMeRBnECAOoOg4MdQf0CiAKeWCRDVLHhWkewygY1sCj+Y3GC3YgY4JH8xGNw2f+' +
    'q3YBU+GZUTBCAHJa0ACWK4zQogCE9YB8MyC2A+JyvZScHEiJAkwfTkCRCFApBFSfWFSUmJeeWhRfkFOanpkXX1ySmFvAUJSanllcAhdl' +
    'mKCAsOeAAqRcxAY2KODnMzDEOxeVuCSlB6UW5BeVMIQ5B4X6hXj6uhqaGLhA3MjAyMLIwOI0mreJAYyjQTCyATA38wPxFYXRoBiJAAA5' +
    'KKACAAwAAA==',
)

/** Both of macOS in one file, as `lipo -create` makes it. */
export function macUniversal(): Buffer {
  const slices = [
    { cpu: 0x01000007, bytes: macX64, offset: 0x1000 },
    { cpu: 0x0100000c, bytes: macArm64, offset: 0x8000 },
  ]
  const file = Buffer.alloc(0x8000 + macArm64.length)
  file.writeUInt32BE(0xcafebabe, 0)
  file.writeUInt32BE(slices.length, 4)
  slices.forEach(({ cpu, bytes, offset }, index) => {
    const at = 8 + index * 20
    file.writeUInt32BE(cpu, at)
    file.writeUInt32BE(offset, at + 8)
    file.writeUInt32BE(bytes.length, at + 12)
    bytes.copy(file, offset)
  })
  return file
}
