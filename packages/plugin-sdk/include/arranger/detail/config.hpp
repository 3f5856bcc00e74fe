// SPDX-License-Identifier: MIT
// Config values, and arrays of ports whose size they decide.
#pragma once

#include <arranger/detail/port_base.hpp>

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace arranger {

// What a config value is and may be.
struct ConfigOptions {
  ConfigType type = ConfigType::string;
  const char *default_text = "";           // of a text
  double default_number = 0;               // of a number
  double min = 0;                          // min = max: no limit
  double max = 0;                          // inclusive, as min
  const char *file_filter = nullptr;       // of a file path: "*.sf2;*.sf3"
  std::vector<const char *> choices = {};  // of a categorical one
  const char *doc = "";                    // one or two sentences
};

// A value that decides ports or resources. It is set before activate and stays until the instance is gone.
class Config final {
 public:
  Config(Owner &owner, const char *id, const char *name, const ConfigOptions &options)
      : text_(options.default_text), number_(options.default_number), choices_(options.choices) {
    description_.struct_size = sizeof(arr_config_param);
    description_.type = static_cast<arr_config_type>(options.type);
    description_.id = id;
    description_.display_name = name;
    description_.doc = options.doc;
    description_.default_text = options.default_text;
    description_.default_number = options.default_number;
    description_.min = options.min;
    description_.max = options.max;
    description_.file_filter = options.file_filter;
    description_.choices = choices_.empty() ? nullptr : choices_.data();
    description_.choice_count = static_cast<std::uint32_t>(choices_.size());
    owner.declared_->configs.push_back(this);
  }
  // The value, as its type says. It stays from activate on.
  const std::string &text() const { return text_; }
  double number() const { return number_; }
  int integer() const { return static_cast<int>(number_); }
  // What the ABI says of it. Strings live as long as it.
  const arr_config_param &description() const { return description_; }

 private:
  friend class detail::Declarations;
  arr_config_param description_{};
  std::string text_;
  double number_;
  std::vector<const char *> choices_;
};

// As many ports as a config value says: ids are the prefix and a number from 0 on.
template <class T>
class PortArray final : public detail::Item {
 public:
  template <class Options>
  PortArray(Owner &owner, const Config &count, std::string id_prefix, std::string name_prefix, Options options)
      : count_(count) {
    make_ = [id_prefix = std::move(id_prefix), name_prefix = std::move(name_prefix), options = std::move(options)](
                Owner &elements, int index) {
      return std::make_unique<T>(elements, id_prefix + std::to_string(index), name_prefix + std::to_string(index + 1),
                                 options);
    };
    owner.declared_->items.push_back(this);
  }
  // How many there are, and each by its number. Any thread, from activate on.
  int size() const { return static_cast<int>(ports_.size()); }
  T &operator[](int index) { return *ports_[static_cast<std::size_t>(index)]; }
  const T &operator[](int index) const { return *ports_[static_cast<std::size_t>(index)]; }

 private:
  void collect(std::vector<Port *> &ports) override {
    const auto wanted = static_cast<std::size_t>(std::max(0, count_.integer()));
    while (ports_.size() > wanted) ports_.pop_back();
    while (ports_.size() < wanted) ports_.push_back(make_(elements_, size()));
    for (auto &port : ports_) ports.push_back(port.get());
  }
  const Config &count_;
  Owner elements_;
  std::function<std::unique_ptr<T>(Owner &, int)> make_;
  std::vector<std::unique_ptr<T>> ports_;
};

}  // namespace arranger
