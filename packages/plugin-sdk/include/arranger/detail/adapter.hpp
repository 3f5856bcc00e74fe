// SPDX-License-Identifier: MIT
// Between plugin.h and Plugin: trampolines that let no exception out, the descriptor, and the export macros.
#pragma once

#include <arranger/detail/waiting_events.hpp>
#include <arranger/plugin.hpp>

#include <cstring>
#include <exception>
#include <memory>
#include <new>

namespace arranger::detail {

#if defined(__cpp_exceptions) || defined(_CPPUNWIND)
inline constexpr bool has_exceptions = true;
#define ARRANGER_TRY try
#define ARRANGER_CATCH(statement_with_text)                            \
  catch (const std::exception &error) {                                \
    const char *text = error.what();                                   \
    statement_with_text;                                               \
  }                                                                    \
  catch (...) {                                                        \
    const char *text = "threw something that is not a std::exception"; \
    statement_with_text;                                               \
  }
#else
inline constexpr bool has_exceptions = false;
#define ARRANGER_TRY
#define ARRANGER_CATCH(statement_with_text)
#endif

// The plugin's declarations, for the engine: ports in order, config values, and where each port's buffers are.
class Declarations {
 public:
  static void collect_ports(Plugin &plugin) {
    std::vector<Port *> &ports = plugin.declared_->ports;
    ports.clear();
    plugin.event_inputs_.clear();
    for (Item *item : plugin.declared_->items) item->collect(ports);
    int channel = 0, event = 0, monitor = 0, index = 0;
    Port **next = &plugin.first_port_;
    for (Port *port : ports) {
      *next = port;
      next = &port->next_;
      port->port_index_ = index++;
      port->first_channel_ = channel;
      channel += port->channel_count();
      if (port->description_.role == ARR_PORT_ROLE_MONITOR) port->monitor_index_ = monitor++;
      if (port->description_.type != ARR_PORT_TYPE_EVENT) continue;
      port->event_index_ = event++;
      if (auto *input = port->is_output() ? nullptr : static_cast<EventIn *>(port))
        plugin.event_inputs_.push_back(input);
    }
    *next = nullptr;
  }
  static std::vector<const arr_port *> ports(const Plugin &plugin) {
    std::vector<const arr_port *> out;
    for (const Port *port : plugin.declared_->ports) out.push_back(&port->description_);
    return out;
  }
  static std::vector<const arr_config_param *> configs(const Plugin &plugin) {
    std::vector<const arr_config_param *> out;
    for (const Config *config : plugin.declared_->configs) out.push_back(&config->description_);
    return out;
  }
  // The curve with this id, or with none any curve; nullptr where there is no such one.
  static const Port *curve(const Plugin &plugin, const char *id) {
    for (const Port *port : plugin.declared_->ports)
      if (port->is_curve() && (id == nullptr || std::strcmp(port->description_.id, id) == 0)) return port;
    return nullptr;
  }
  static void visit_kept(Plugin &plugin, KeptVisitor &visitor) {
    for (const Kept *kept : plugin.declared_->kept)
      for (const auto &part : kept->parts_) part.visit(part.member, visitor);
  }
  static bool has_kept(const Plugin &plugin) { return !plugin.declared_->kept.empty(); }
  static std::uint32_t port_count(const Plugin &plugin) {
    return static_cast<std::uint32_t>(plugin.declared_->ports.size());
  }
  static arr_status configure(Plugin &plugin, const char *id, const arr_config_value &value) {
    for (Config *config : plugin.declared_->configs) {
      if (std::strcmp(config->description_.id, id) != 0) continue;
      if (value.text != nullptr) config->text_.assign(value.text, value.length);
      else config->number_ = value.number;
      return ARR_STATUS_OK;
    }
    return ARR_STATUS_INVALID;
  }
};

// An instance as the engine holds it, in one piece of memory with its plugin: what a call reads lies side by side.
class Adapter {
 public:
  using Destroy = void (*)(arr_plugin *plugin);
  // `plugin` is constructed after this.
  Adapter(Plugin &plugin, const arr_host *host, Destroy destroy) : plugin_(&plugin), host_(host) {
    api_.struct_size = sizeof(arr_plugin);
    api_.self = this;
    api_.destroy = destroy;
    api_.configure = [](arr_plugin *plugin, const char *id, const arr_config_value *value) {
      arr_status status = ARR_STATUS_ERROR;
      from(plugin).guarded([&](Plugin &p) { status = Declarations::configure(p, id, *value); });
      return status;
    };
    api_.ports = [](arr_plugin *plugin, std::uint32_t *count) { return from(plugin).ports(*count); };
    api_.activate = [](arr_plugin *plugin, arr_activation *activation) { return from(plugin).activate(*activation); };
    api_.deactivate = [](arr_plugin *plugin) { from(plugin).guarded([](Plugin &p) { p.deactivate(); }); };
    api_.reset = [](arr_plugin *plugin) { from(plugin).reset(); };
    api_.process = [](arr_plugin *plugin, const arr_process *process) { return from(plugin).process(*process); };
    api_.get_extension = [](arr_plugin *plugin, const char *id) { return from(plugin).extension(id); };
  }
  arr_plugin *api() { return &api_; }
  static Adapter &from(arr_plugin *plugin) { return *static_cast<Adapter *>(plugin->self); }
  // Once the plugin is constructed. False, after telling the engine why, when its constructor called fail.
  bool begin(const PluginInfo &info) {
    plugin_->event_grid_ = info.event_grid < 1 ? 1 : info.event_grid;
    Declarations::collect_ports(*plugin_);
    return guarded([](Plugin &) {}) == ARR_STATUS_OK;
  }

 private:
  template <class Call>
  arr_status caught(Call call) const {
    ARRANGER_TRY {
      call(*plugin_);
      return ARR_STATUS_OK;
    }
    ARRANGER_CATCH(host_->report_error(host_, text))
    return ARR_STATUS_ERROR;
  }

  template <class Call>
  arr_status guarded(Call call) {
    const arr_status status = caught(call);
    if (status != ARR_STATUS_OK || plugin_->failure_.empty()) return status;
    host_->report_error(host_, plugin_->failure_.c_str());
    plugin_->failure_.clear();
    return ARR_STATUS_ERROR;
  }

  const arr_port *const *ports(std::uint32_t &count) {
    guarded([this](Plugin &plugin) {
      Declarations::collect_ports(plugin);
      descriptions_ = Declarations::ports(plugin);
    });
    count = static_cast<std::uint32_t>(descriptions_.size());
    return descriptions_.data();
  }

  arr_status activate(arr_activation &activation) {
    const arr_status status = guarded([&](Plugin &plugin) {
      Declarations::collect_ports(plugin);
      plugin.sample_rate_ = activation.sample_rate;
      plugin.first_frame_ = -1;
      if (plugin.event_grid_ > 1) plugin.late_.reserve(4096);
      waiting_.activate(plugin);
      plugin.activate(
          Activation{activation.sample_rate, activation.seed, activation.offline != 0, activation.input_delay_frames});
    });
    activation.latency_frames = plugin_->latency_;
    activation.tail_frames = plugin_->tail_;
    return status;
  }

  void reset() {
    guarded([](Plugin &plugin) {
      plugin.first_frame_ = -1;
      plugin.late_.clear();
      plugin.reset();
    });
  }

  arr_process_status process(const arr_process &process) {
    ARRANGER_TRY { return plugin_->run(process); }
    ARRANGER_CATCH(static_cast<void>(text); return ARR_PROCESS_ERROR)
  }

  const void *extension(const char *id) {
    if (std::strcmp(id, ARR_EXTENSION_STATE) == 0) return state_functions();
    if (std::strcmp(id, ARR_EXTENSION_SNAPSHOT) == 0)
      return Declarations::has_kept(*plugin_) ? snapshot_functions() : nullptr;
    static constexpr arr_curve curve{
        sizeof(arr_curve), 0, [](arr_plugin *plugin, const char *port) { return from(plugin).point_count(port); },
        [](arr_plugin *plugin, const char *port, std::uint32_t index) { return from(plugin).point(port, index); },
        [](arr_plugin *plugin, const char *port, const double *values, std::uint32_t value_count, double sample_rate,
           const double *x, double *y, std::uint32_t count) {
          const Adapter &self = from(plugin);
          if (value_count < Declarations::port_count(*self.plugin_)) return arr_status{ARR_STATUS_INVALID};
          return self.evaluate(port, ParamValues(values), sample_rate, {x, count}, {y, count});
        }};
    const bool wanted = std::strcmp(id, ARR_EXTENSION_CURVE) == 0 && Declarations::curve(*plugin_, nullptr) != nullptr;
    return wanted ? &curve : nullptr;
  }

  static const arr_state *state_functions() {
    static constexpr arr_state state{sizeof(arr_state), 0,
                                     [](arr_plugin *plugin, arr_state_writer *writer) {
                                       StateWriter out(*writer);
                                       return from(plugin).caught([&](const Plugin &p) {
                                         p.save_state(out);
                                       });  // process may run: keeps off `failure_`
                                     },
                                     [](arr_plugin *plugin, const arr_state_reader *reader) {
                                       const StateReader in(*reader);
                                       return from(plugin).guarded([&](Plugin &p) { p.load_state(in); });
                                     }};
    return &state;
  }

  static const arr_snapshot *snapshot_functions() {
    static constexpr arr_snapshot snapshot{
        sizeof(arr_snapshot),
        0,
        [](arr_plugin *plugin) { return from(plugin).measured().layout(); },
        [](arr_plugin *plugin) { return from(plugin).measured().size(); },
        [](arr_plugin *plugin, std::uint8_t *data) {
          Adapter &self = from(plugin);
          self.waiting_.take(*self.plugin_);
          self.visit(KeptVisitor(KeptVisitor::Task::save, data));
        },
        [](arr_plugin *plugin, const std::uint8_t *data) {
          Adapter &self = from(plugin);
          self.visit(KeptVisitor(KeptVisitor::Task::load, const_cast<std::uint8_t *>(data)));
          self.waiting_.give(*self.plugin_);
        }};
    return &snapshot;
  }

  KeptVisitor measured() { return visit(KeptVisitor(KeptVisitor::Task::measure)); }
  KeptVisitor visit(KeptVisitor visitor) {
    visitor(waiting_);
    Declarations::visit_kept(*plugin_, visitor);
    return visitor;
  }

  // The curve functions may run while process does, so they keep off what guarded shares with it.
  std::uint32_t point_count(const char *id) const {
    std::size_t count = 0;
    if (const Port *port = Declarations::curve(*plugin_, id))
      caught([&](const Plugin &plugin) { count = plugin.curve_points(*port).size(); });
    return static_cast<std::uint32_t>(count);
  }

  const arr_curve_point *point(const char *id, std::uint32_t index) {
    if (index >= point_count(id)) return nullptr;
    const Port *port = Declarations::curve(*plugin_, id);
    const arr_status status = caught([&](const Plugin &plugin) {
      const CurvePoint &point = plugin.curve_points(*port)[index];
      const auto name = [](const Param *param) { return param == nullptr ? nullptr : param->description().id; };
      point_ = {sizeof(arr_curve_point), 0, name(point.enabled), name(point.kind), name(point.x), name(point.y),
                name(point.width)};
    });
    return status == ARR_STATUS_OK ? &point_ : nullptr;
  }

  arr_status evaluate(const char *id, const ParamValues &values, double sample_rate, std::span<const double> x,
                      std::span<double> y) const {
    const Port *port = Declarations::curve(*plugin_, id);
    if (port == nullptr) return ARR_STATUS_INVALID;
    return caught([&](const Plugin &plugin) { plugin.curve_response(*port, values, sample_rate, x, y); });
  }

  arr_plugin api_{};
  Plugin *plugin_;
  const arr_host *host_;
  std::vector<const arr_port *> descriptions_;
  arr_curve_point point_{};
  WaitingEvents waiting_;
};

template <class T>
class alignas(64) Made final : public Adapter {
 public:
  explicit Made(const arr_host *host)
      : Adapter(made_, host, [](arr_plugin *api) { delete static_cast<Made *>(&from(api)); }) {}

 private:
  T made_;
};

template <class T>
arr_plugin *create(const PluginInfo &info, const arr_host *host) {
  ARRANGER_TRY {
    auto made = std::make_unique<Made<T>>(host);
    return made->begin(info) ? made.release()->api() : nullptr;
  }
  ARRANGER_CATCH(host->report_error(host, text))
  return nullptr;
}

// Those of a PluginInfo as the engine takes them.
inline std::vector<arr_migration> describe(const Migrations &migrations) {
  std::vector<arr_migration> out;
  for (std::size_t i = 0; i < migrations.size(); ++i) {
    const Migration &from = migrations[i];
    out.push_back({sizeof(arr_migration), from.before, from.from, from.to, from.scale, from.offset});
  }
  return out;
}

// Adds a class to the registry, described by one throw-away instance.
template <class T>
arr_status register_class(arr_registry &registry, const PluginInfo &plugin_info) {
  static PluginInfo info;
  static arr_factory factory;
  info = plugin_info;
  factory.struct_size = sizeof(arr_factory);
  factory.create = [](const arr_factory *, const arr_host *host) { return create<T>(info, host); };

  ARRANGER_TRY {
    T example;
    Declarations::collect_ports(example);
    const auto ports = Declarations::ports(example);
    const auto configs = Declarations::configs(example);
    arr_descriptor descriptor{};
    descriptor.struct_size = sizeof(arr_descriptor);
    descriptor.category = static_cast<arr_category>(info.category);
    descriptor.id = info.id;
    descriptor.display_name = info.name;
    descriptor.doc = info.doc;
    descriptor.author = info.author;
    descriptor.url = info.url;
    descriptor.license = info.license;
    descriptor.version = info.version;
    descriptor.event_grid = info.event_grid;
    descriptor.block_tolerance = info.block_tolerance;
    descriptor.preserves_finite = info.preserves_finite ? 1 : 0;
    descriptor.in_place = info.in_place ? 1 : 0;
    descriptor.is_gain = info.is_gain ? 1 : 0;
    descriptor.ports = ports.data();
    descriptor.port_count = static_cast<std::uint32_t>(ports.size());
    descriptor.config_params = configs.data();
    descriptor.config_param_count = static_cast<std::uint32_t>(configs.size());
    const auto migrations = describe(info.migrations);
    std::vector<const arr_migration *> migration_list;
    for (const arr_migration &migration : migrations) migration_list.push_back(&migration);
    descriptor.migrations = migration_list.data();
    descriptor.migration_count = static_cast<std::uint32_t>(migration_list.size());
    return registry.add(&registry, &descriptor, &factory);
  }
  ARRANGER_CATCH(registry.host->report_error(registry.host, text))
  return ARR_STATUS_ERROR;
}

template <class... Classes>
arr_status register_classes(arr_registry &registry) {
  arr_status status = ARR_STATUS_OK;
  static_cast<void>((((status = register_class<Classes>(registry, Classes::info)) == ARR_STATUS_OK) && ...));
  return status;
}

}  // namespace arranger::detail

// Exports one plugin class from this library: ARRANGER_PLUGIN(Tremolo, {.id = "com.example.tremolo", .name = "Tremolo"}).
#define ARRANGER_PLUGIN(Class, ...)                                                                  \
  ARR_DEFINE_STAMP();                                                                                \
  extern "C" ARR_EXPORT arr_status ARR_ENTRY_NAME(arr_registry *registry) {                          \
    return ::arranger::detail::register_class<Class>(*registry, ::arranger::PluginInfo __VA_ARGS__); \
  }

// Exports several classes, each with a `static constexpr arranger::PluginInfo info`.
#define ARRANGER_PLUGINS(...)                                               \
  ARR_DEFINE_STAMP();                                                       \
  extern "C" ARR_EXPORT arr_status ARR_ENTRY_NAME(arr_registry *registry) { \
    return ::arranger::detail::register_classes<__VA_ARGS__>(*registry);    \
  }
