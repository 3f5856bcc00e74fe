// SPDX-License-Identifier: MIT
// The extensions of a plugin in a process of its own: each call is a question to it.
#include <algorithm>
#include <cstring>

#include "plugin/host.hpp"
#include "plugin/isolated_plugin.hpp"

namespace arranger {
namespace {

using isolated::Kind;
using isolated::Pack;
using isolated::StateRecord;
using isolated::StateType;
using isolated::StatusReply;
using isolated::Unpack;

// Says why, as a plugin in this process does.
arr_status report(const StatusReply &reply) {
  if (!reply.reason.empty()) plugin_host().report_error(&plugin_host(), reply.reason.c_str());
  return reply.status;
}

arr_status report(const Error &error) { return report(StatusReply{{}, ARR_STATUS_ERROR, error.message}); }

// The status of a reply, and what comes behind it.
template <class... T>
arr_status read_reply(const Result<std::string> &reply, T &...values) {
  if (!reply) return report(reply.error());
  StatusReply status;
  Unpack unpack(*reply);
  unpack(status);
  if (status.status == ARR_STATUS_OK) unpack(values...);
  if (!unpack.is_good()) return report(StatusReply{{}, ARR_STATUS_ERROR, "its process answers nonsense"});
  return report(status);
}

void write(arr_state_writer &writer, const StateRecord &record) {
  const char *key = record.key.c_str();
  const auto length = static_cast<std::uint32_t>(record.data.size());
  if (record.type == StateType::number) writer.write_number(&writer, key, record.number);
  else if (record.type == StateType::text) writer.write_text(&writer, key, record.data.data(), length);
  else writer.write_bytes(&writer, key, reinterpret_cast<const std::uint8_t *>(record.data.data()), length);
}

const char *text_or_null(const std::string &text) { return text.empty() ? nullptr : text.c_str(); }

}  // namespace

arr_status IsolatedPlugin::ask_state() {
  std::vector<StateRecord> records;
  const arr_status status = read_reply(ask(Pack(Kind::save_state), "save"), records);
  if (status != ARR_STATUS_OK) return status;
  const std::lock_guard lock(mutex_);
  saved_ = std::move(records);
  return status;
}

void IsolatedPlugin::remember() {
  if (created_.has_state && !has_failed() && ask_state() != ARR_STATUS_OK) take_reported_error();
}

// Of a process that is gone, what was known last.
arr_status IsolatedPlugin::save(arr_plugin *plugin, arr_state_writer *writer) {
  IsolatedPlugin &self = of(plugin);
  if (!self.has_failed())
    if (const arr_status status = self.ask_state(); status != ARR_STATUS_OK && !self.has_failed()) return status;
  const std::lock_guard lock(self.mutex_);
  for (const StateRecord &record : self.saved_) write(*writer, record);
  return ARR_STATUS_OK;
}

arr_status IsolatedPlugin::load(arr_plugin *plugin, const arr_state_reader *reader) {
  IsolatedPlugin &self = of(plugin);
  return read_reply(self.ask(Pack(Kind::load_state)(reader->version), "load", reader));
}

Pack IsolatedPlugin::answer(const arr_state_reader &reader, const isolated::StateKey &key) {
  StateRecord record{};
  record.type = key.type;
  record.key = key.key;
  bool found = false;
  std::uint32_t length = 0;
  if (key.type == StateType::number) {
    found = reader.read_number(&reader, key.key.c_str(), &record.number) != 0;
  } else if (key.type == StateType::text) {
    const char *text = nullptr;
    found = reader.read_text(&reader, key.key.c_str(), &text, &length) != 0;
    if (found) record.data.assign(text, length);
  } else {
    const std::uint8_t *data = nullptr;
    found = reader.read_bytes(&reader, key.key.c_str(), &data, &length) != 0;
    if (found) record.data.assign(reinterpret_cast<const char *>(data), length);
  }
  Pack reply = Pack(Kind::reply)(found, record);
  if (found && std::ranges::find(saved_, record.key, &StateRecord::key) == saved_.end())
    saved_.push_back(std::move(record));
  return reply;
}

const std::vector<isolated::PointNames> &IsolatedPlugin::points(const char *port) {
  const auto [place, is_new] = points_.try_emplace(port);
  if (is_new && read_reply(ask(Pack(Kind::curve_points)(std::string(port)), "curve"), place->second) != ARR_STATUS_OK)
    place->second.clear();
  return place->second;
}

std::uint32_t IsolatedPlugin::point_count(arr_plugin *plugin, const char *port) {
  return static_cast<std::uint32_t>(of(plugin).points(port).size());
}

const arr_curve_point *IsolatedPlugin::point(arr_plugin *plugin, const char *port, std::uint32_t index) {
  IsolatedPlugin &self = of(plugin);
  const auto &points = self.points(port);
  if (index >= points.size()) return nullptr;
  const isolated::PointNames &names = points[index];
  self.shown_point_ = {sizeof(arr_curve_point),     0,
                       text_or_null(names.enabled), text_or_null(names.kind),
                       text_or_null(names.x),       text_or_null(names.y),
                       text_or_null(names.width)};
  return &self.shown_point_;
}

arr_status IsolatedPlugin::evaluate(arr_plugin *plugin, const char *port, const double *values,
                                    std::uint32_t value_count, double sample_rate, const double *x, double *y,
                                    std::uint32_t count) {
  isolated::Response request;
  request.port = port;
  request.values.assign(values, values + value_count);
  request.x.assign(x, x + count);
  request.sample_rate = sample_rate;
  std::vector<double> response;
  const arr_status status = read_reply(of(plugin).ask(Pack(Kind::curve_response)(request), "curve"), response);
  if (status != ARR_STATUS_OK) return status;
  if (response.size() != count) return ARR_STATUS_ERROR;
  std::ranges::copy(response, y);
  return ARR_STATUS_OK;
}

constexpr arr_state IsolatedPlugin::state_extension = {sizeof(arr_state), 0, save, load};
constexpr arr_curve IsolatedPlugin::curve_extension = {sizeof(arr_curve), 0, point_count, point, evaluate};

// No snapshot: it is taken on the audio thread, between two calls that nobody may wait for.
const void *IsolatedPlugin::extension(arr_plugin *plugin, const char *id) {
  const isolated::Created &created = of(plugin).created_;
  if (created.has_state && std::strcmp(id, ARR_EXTENSION_STATE) == 0) return &state_extension;
  if (created.has_curve && std::strcmp(id, ARR_EXTENSION_CURVE) == 0) return &curve_extension;
  return nullptr;
}

}  // namespace arranger
