// SPDX-License-Identifier: MIT
// Descriptors as JSON: the fields of plugin.h with words for its numbers.
#pragma once

#include "control/fields.hpp"
#include "plugin/descriptor.hpp"

namespace arranger::json {

template <>
struct Fields<Port> {
  static constexpr auto get() {
    return std::tuple{
        field("id", &Port::id, {.doc = "Unique among the plugin's ports."}),
        field("display_name", &Port::display_name, {.doc = "For people."}),
        field("doc", &Port::doc, {.doc = "One or two sentences, or empty."}),
        named("type", &Port::type, abi::port_type_names, "What travels through it. A control input is a parameter."),
        named("role", &Port::role, abi::port_role_names, "Its direction, and what it is for."),
        field("channel_count", &Port::channel_count, {.doc = "Of type audio: 1..64; otherwise 0."}),
        named("hint", &Port::hint, abi::port_hint_names, "What its values mean, and the widget that suits it."),
        named("unit", &Port::unit, abi::unit_names, "The unit of its values."),
        named("taper", &Port::taper, abi::taper_names, "The curve between a knob's travel and the value."),
        named("graph_type", &Port::graph_type, abi::graph_type_names, "The curve that a graph_editor port edits."),
        field("default", &Port::default_value, {.doc = "In unit, min..max."}),
        field("min", &Port::min, {.doc = "Smallest value, inclusive."}),
        field("max", &Port::max, {.doc = "Greatest value, inclusive."}),
        field("step", &Port::step, {.doc = "Grid of the values from min on; 0 = none."}),
        field("smoothing_ms", &Port::smoothing_ms, {.doc = "Length of the line that a change becomes.", .unit = "ms"}),
        field("choices", &Port::choices, {.doc = "Names of min, min + 1, …"}),
        FlagsField<Port>{"flags", &Port::flags, abi::port_flag_names, {.doc = "What may be done with it."}},
        field("group", &Port::group, {.doc = "Ports of one group are shown together."}),
        field("show_port_default", &Port::show_port_default,
              {.doc = "A parameter that is drawn as a port from the start."}),
        field("since_version", &Port::since_version, {.doc = "The plugin version that brought it."}),
        field("delay_frames", &Port::delay_frames,
              {.doc = "Frames that pass at least from any input to this output.", .unit = "frames"}),
        field("value_count", &Port::value_count, {.doc = "Of a monitor: the most values it shows at a time."})};
  }
};

template <>
struct Fields<ConfigParam> {
  using Default = std::variant<double, std::string>;
  static Default default_of(const ConfigParam &param) {
    if (param.is_number()) return param.default_number;
    return param.default_text;
  }
  static constexpr auto get() {
    return std::tuple{
        field("id", &ConfigParam::id, {.doc = "Unique among the plugin's config parameters."}),
        field("display_name", &ConfigParam::display_name, {.doc = "For people."}),
        field("doc", &ConfigParam::doc, {.doc = "One or two sentences, or empty."}),
        named("type", &ConfigParam::type, abi::config_type_names, "The type of its value."),
        ComputedField<ConfigParam, Default>{"default", default_of, {.doc = "A number or text, by type."}},
        field("min", &ConfigParam::min, {.doc = "Of a number type; min = max means no limit."}),
        field("max", &ConfigParam::max, {.doc = "Of a number type."}),
        field("file_filter", &ConfigParam::file_filter, {.doc = "Of type filepath: '*.sf2;*.sf3', or empty."}),
        field("choices", &ConfigParam::choices, {.doc = "Of type categorical."})};
  }
};

template <>
struct Fields<Migration> {
  static constexpr auto get() {
    return std::tuple{
        field("before_version", &Migration::before_version, {.doc = "Applies to state of smaller versions."}),
        field("old_id", &Migration::old_id, {.doc = "What the parameter was called."}),
        field("new_id", &Migration::new_id, {.doc = "What it is called now."}),
        field("scale", &Migration::scale, {.doc = "new = offset + scale * old."}),
        field("offset", &Migration::offset, {.doc = "See scale."})};
  }
};

template <>
struct Fields<Descriptor> {
  static constexpr auto get() {
    return std::tuple{
        field("id", &Descriptor::id, {.doc = "Reverse DNS, or builtin.x."}),
        field("display_name", &Descriptor::display_name, {.doc = "For people."}),
        named("category", &Descriptor::category, abi::category_names, "What it is for."),
        field("doc", &Descriptor::doc, {.doc = "What it does."}),
        field("author", &Descriptor::author, {.doc = "Who made it."}),
        field("version", &Descriptor::version, {.doc = "Counts up when parameters or state change."}),
        field("url", &Descriptor::url, {.doc = "Where to learn more."}),
        field("license", &Descriptor::license, {.doc = "SPDX expression."}),
        field("event_grid", &Descriptor::event_grid,
              {.doc = "Events take effect on multiples of so many frames.", .unit = "frames"}),
        field("block_tolerance", &Descriptor::block_tolerance,
              {.doc = "Greatest relative difference between two cuts; 0 = none."}),
        field("preserves_finite", &Descriptor::preserves_finite, {.doc = "Finite inputs give finite outputs."}),
        field("in_place", &Descriptor::in_place,
              {.doc = "An output may share its buffer with the input of the same number."}),
        field("is_gain", &Descriptor::is_gain, {.doc = "The output is the input times the only parameter."}),
        field("ports", &Descriptor::ports, {.doc = "With the default configuration, in order."}),
        field("config_params", &Descriptor::config_params, {.doc = "What decides ports and resources."}),
        field("migrations", &Descriptor::migrations, {.doc = "Parameters that were renamed or rescaled."})};
  }
};

}  // namespace arranger::json
