// SPDX-License-Identifier: MIT
#include "control/command.hpp"

namespace arranger {
namespace {

struct DeviceJson {
  std::string name, host_api;
  std::int32_t output_channels = 0, input_channels = 0;
  double default_sample_rate = 0;
  bool is_default = false;
  static constexpr auto fields() {
    return std::tuple{
        json::field("name", &DeviceJson::name, {.doc = "For open_device."}),
        json::field("host_api", &DeviceJson::host_api, {.doc = "Of the system, or clock."}),
        json::field("output_channels", &DeviceJson::output_channels, {.doc = "That can be played on."}),
        json::field("input_channels", &DeviceJson::input_channels, {.doc = "That can be recorded from."}),
        json::field("default_sample_rate", &DeviceJson::default_sample_rate, {.doc = "Its own.", .unit = "Hz"}),
        json::field("is_default", &DeviceJson::is_default, {.doc = "What play uses when none is open."})};
  }
};

struct ListDevices : json::Request {
  static constexpr CommandInfo info{.name = "list_devices",
                                    .doc = "The devices that can be opened; 'none' is a clock without sound.",
                                    .examples = {{R"({"cmd":"list_devices"})"}},
                                    .concurrent = true};
  static constexpr auto fields() { return std::tuple{}; }
  struct Reply {
    std::vector<DeviceJson> devices;
    std::optional<std::string> open;
    static constexpr auto fields() {
      return std::tuple{json::field("devices", &Reply::devices, {.doc = "All of them."}),
                        json::field("open", &Reply::open, {.doc = "The one that plays; left out when none does."})};
    }
  };
  Result<Reply> run(Context &context) const {
    Reply reply;
    for (const DeviceInfo &device : context.engine.devices())
      reply.devices.push_back({device.name, device.host_api, device.output_channels, device.input_channels,
                               device.default_sample_rate, device.is_default});
    if (const auto live = context.engine.live()) reply.open = live->device().name();
    return reply;
  }
};

struct OpenDevice : json::Request {
  std::string name;
  std::optional<std::int32_t> sample_rate, block_size;
  static constexpr CommandInfo info{
      .name = "open_device",
      .doc = "Plays on this device from now on. The playhead keeps its beat and stops.",
      .examples = {{R"({"cmd":"open_device","name":"none","sample_rate":48000,"block_size":256})"}}};
  static constexpr auto fields() {
    return std::tuple{json::field("name", &OpenDevice::name, {.doc = "As list_devices gives it.", .required = true}),
                      json::field("sample_rate", &OpenDevice::sample_rate,
                                  {.doc = "None = the engine's.", .min = 8000, .max = 384000, .unit = "Hz"}),
                      json::field("block_size", &OpenDevice::block_size,
                                  {.doc = "None = the engine's.", .min = 1, .max = 8192, .unit = "frames"})};
  }
  struct Reply {
    std::string name;
    std::int32_t sample_rate = 0, block_size = 0;
    static constexpr auto fields() {
      return std::tuple{json::field("name", &Reply::name, {.doc = "What is open."}),
                        json::field("sample_rate", &Reply::sample_rate, {.doc = "In force.", .unit = "Hz"}),
                        json::field("block_size", &Reply::block_size, {.doc = "In force.", .unit = "frames"})};
    }
  };
  Result<Reply> run(Context &context) const {
    auto done = context.engine.open_device(name, sample_rate, block_size);
    if (!done) return std::unexpected(done.error());
    const AudioEngineConfig config = context.engine.config();
    return Reply{name, config.sample_rate, config.block_size};
  }
};

struct CloseDevice : json::Request {
  static constexpr CommandInfo info{.name = "close_device",
                                    .doc = "Ends live playback; the next play begins it again where it was.",
                                    .examples = {{R"({"cmd":"close_device"})", "", {"set_graph", "play"}}}};
  static constexpr auto fields() { return std::tuple{}; }
  using Reply = Empty;
  Result<Reply> run(Context &context) const {
    context.engine.stop_live();
    return Reply{};
  }
};

}  // namespace

std::span<const Command> devices_commands() {
  static constexpr std::array commands{command<ListDevices>("devices"), command<OpenDevice>("devices"),
                                       command<CloseDevice>("devices")};
  return commands;
}

}  // namespace arranger
