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
  static constexpr CommandInfo info{
      .name = "list_devices",
      .doc =
          "The devices that can be opened, asked of the system anew, which may take it a while; 'none' is a clock "
          "without sound.",
      .examples = {{R"({"cmd":"list_devices"})"}},
      .concurrent = true};
  static constexpr auto fields() { return std::tuple{}; }
  struct Reply {
    std::vector<DeviceJson> devices;
    std::optional<std::string> open, lost;
    static constexpr auto fields() {
      return std::tuple{
          json::field("devices", &Reply::devices, {.doc = "All of them."}),
          json::field("open", &Reply::open, {.doc = "The one that plays; left out when none does."}),
          json::field("lost", &Reply::lost,
                      {.doc = "The one that plays again as soon as it is back; left out when none is lost."})};
    }
  };
  Result<Reply> run(Context &context) const {
    Reply reply;
    for (const DeviceInfo &device : context.engine.devices())
      reply.devices.push_back({device.name, device.host_api, device.output_channels, device.input_channels,
                               device.default_sample_rate, device.is_default});
    if (const auto live = context.engine.live()) {
      const DeviceState state = live->device().state();
      reply.open = state.name;
      if (state.name != state.wanted) reply.lost = state.wanted;
    }
    return reply;
  }
};

struct OpenDevice : json::Request {
  std::string name;
  std::optional<std::int32_t> sample_rate, block_size;
  bool input = false;
  static constexpr CommandInfo info{
      .name = "open_device",
      .doc =
          "Plays on this device from now on. The playhead keeps its beat and stops. When the device is lost the clock "
          "goes on, and the device plays again as soon as it is back.",
      .examples = {{R"({"cmd":"open_device","name":"none","sample_rate":48000,"block_size":256})"},
                   {.request = R"({"cmd":"open_device","name":"default"})", .otherwise = Code::device_unavailable}}};
  static constexpr auto fields() {
    return std::tuple{
        json::field("name", &OpenDevice::name,
                    {.doc = "As list_devices gives it, or 'default': whatever the system plays on.", .required = true}),
        json::field(
            "sample_rate", &OpenDevice::sample_rate,
            {.doc = "None = the engine's; where that was never chosen and the device refuses it, the device's own.",
             .min = 8000,
             .max = 384000,
             .unit = "Hz"}),
        json::field(
            "block_size", &OpenDevice::block_size,
            {.doc = "What the latency is chosen by; the device calls with as many frames as it likes. None = the "
                    "engine's.",
             .min = 1,
             .max = 8192,
             .unit = "frames"}),
        json::field("input", &OpenDevice::input, {.doc = "Also opens the device's input."})};
  }
  struct Reply {
    std::string name;
    std::int32_t sample_rate = 0, block_size = 0;
    double latency_ms = 0;
    std::int32_t input_channels = 0;
    static constexpr auto fields() {
      return std::tuple{json::field("name", &Reply::name, {.doc = "What is open."}),
                        json::field("sample_rate", &Reply::sample_rate, {.doc = "In force.", .unit = "Hz"}),
                        json::field("block_size", &Reply::block_size, {.doc = "Of a call.", .unit = "frames"}),
                        json::field("latency_ms", &Reply::latency_ms,
                                    {.doc = "From the engine to the ear, as the driver says.", .unit = "ms"}),
                        json::field("input_channels", &Reply::input_channels, {.doc = "That come in."})};
    }
  };
  Result<Reply> run(Context &context) const {
    const auto opened = context.engine.open_device({name, sample_rate, block_size, input});
    if (!opened) return std::unexpected(opened.error());
    return Reply{opened->name, opened->sample_rate, opened->block_size, opened->latency_ms, opened->input_channels};
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
