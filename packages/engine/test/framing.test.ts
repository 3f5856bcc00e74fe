// SPDX-License-Identifier: MIT
// Whatever a stream is cut into, the same messages come out; and what replies are matched by.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FrameDecoder, frame, maxMessageBytes } from '../src/server/framing.ts'
import { Replies } from '../src/server/replies.ts'

function decoded(chunks: Iterable<Buffer>): { messages: string[]; decoder: FrameDecoder } {
  const messages: string[] = []
  const decoder = new FrameDecoder((text) => messages.push(text))
  for (const chunk of chunks) decoder.push(chunk)
  return { messages, decoder }
}

/** Texts that are well-formed: half a surrogate pair has no UTF-8. */
const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.nat(200_000).map((length) => 'ä'.repeat(length / 2)),
)

describe('framing', () => {
  it('gives the messages back however the stream is cut', () => {
    fc.assert(
      fc.property(
        fc.array(text, { maxLength: 8 }),
        fc.array(fc.nat({ max: 300_000 }), { maxLength: 20 }),
        (texts, cuts) => {
          const stream = Buffer.concat(texts.map(frame))
          const ends = [...new Set([...cuts.map((cut) => cut % (stream.length + 1)), stream.length])].sort(
            (a, b) => a - b,
          )
          const chunks = ends.map((end, i) => Buffer.from(stream.subarray(ends[i - 1] ?? 0, end)))
          const { messages, decoder } = decoded(chunks)
          expect(messages).toEqual(texts)
          expect(decoder.betweenMessages).toBe(true)
        },
      ),
      { numRuns: 300 },
    )
  })

  it('reads byte by byte, and knows that a message is not whole', () => {
    const texts = ['', '{}', 'ä€😀', 'x'.repeat(300)]
    const stream = Buffer.concat(texts.map(frame))
    const { messages, decoder } = decoded(Array.from(stream, (byte) => Buffer.of(byte)))
    expect(messages).toEqual(texts)
    decoder.push(Buffer.of(1))
    expect(decoder.betweenMessages).toBe(false)
  })

  it('reads a message of the greatest length, in pieces as a socket gives them', () => {
    const message = frame('x'.repeat(maxMessageBytes))
    const pieces = function* () {
      for (let at = 0; at < message.length; at += 65_521) yield message.subarray(at, at + 65_521)
    }
    expect(decoded(pieces()).messages.map(({ length }) => length)).toEqual([maxMessageBytes])
  })

  it('refuses a greater length before a byte of it has come', () => {
    const head = Buffer.alloc(4)
    head.writeUInt32LE(maxMessageBytes + 1)
    expect(() => decoded([head])).toThrow(expect.objectContaining({ code: 'message_too_large' }))
  })
})

describe('replies', () => {
  /** A reply as the engine writes it: it repeats the id at the end. */
  function replyTo(request: string, body: object): string {
    const { id } = JSON.parse(request) as { id?: unknown }
    return JSON.stringify({ status: 'ok', ...body, ...(id === undefined ? {} : { id }) })
  }

  it('find their requests in any order, and are as if the request had been sent as it was given', () => {
    const id = fc.option(fc.oneof(fc.integer(), fc.string(), fc.constant(null)), { nil: undefined })
    const requests = fc.uniqueArray(id, { selector: (one) => (one === undefined ? Symbol() : JSON.stringify(one)) })
    fc.assert(
      fc.property(requests, fc.infiniteStream(fc.nat()), (ids, random) => {
        const replies = new Replies()
        const got: unknown[] = []
        const sent = ids.map((one, index) => {
          const request = { ...(one === undefined ? {} : { id: one }), cmd: 'x', data: { id: 7 } }
          return replies.expect(
            JSON.stringify(request),
            (reply) => {
              got[index] = JSON.parse(reply)
            },
            () => {},
          )
        })
        const order = sent.map((request, index) => ({ request, index, key: random.next().value as number }))
        for (const { request, index } of order.sort((a, b) => a.key - b.key))
          expect(replies.take(replyTo(request, { index }))).toBe(true)
        expect(got).toEqual(
          ids.map((one, index) => ({ status: 'ok', index, ...(one === undefined ? {} : { id: one }) })),
        )
        expect(replies.size).toBe(0)
      }),
    )
  })

  it('come for what is no object, too', () => {
    for (const json of ['[]', '"id"', 'null', '{"id"', '7', '{', '{"id":1,"id":2}']) {
      const replies = new Replies()
      let got = ''
      const take = (reply: string) => {
        got = reply
      }
      replies.expect(json, take, () => {})
      replies.take('{"status":"error"}')
      expect([json, got]).toEqual([json, '{"status":"error"}'])
    }
  })

  it.each(['{}', ' { } ', '{"cmd":"ping"}', '\n{"a":{}}'])('leave a request JSON that is given an id: %s', (json) => {
    const sent = new Replies().expect(
      json,
      () => {},
      () => {},
    )
    expect(JSON.parse(sent)).toEqual({ ...JSON.parse(json), id: '#1' })
  })

  it('without an id, for what could not be read, come to the oldest request that is not a render', () => {
    const replies = new Replies()
    const got: string[] = []
    for (const [name, json] of Object.entries({ render: '{"cmd":"render"}', deep: '{"cmd":"ping"}', bad: '{"cmd":' }))
      replies.expect(
        json,
        () => got.push(name),
        () => {},
      )
    replies.take('{"status":"error","code":"invalid_json"}')
    replies.take('{"status":"error","code":"invalid_json"}')
    expect(got).toEqual(['deep', 'bad'])
  })

  it('that nobody asked for are told', () => {
    expect(new Replies().take('{"status":"ok"}')).toBe(false)
  })
})
