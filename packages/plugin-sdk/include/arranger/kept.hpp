// SPDX-License-Identifier: MIT
// Kept: what goes on sounding when the library is rebuilt and replaced while it plays.
#pragma once

#include <arranger/detail/port_base.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <type_traits>
#include <vector>

namespace arranger {

namespace detail {

// Goes over the bytes of kept members: to count them, to say what they mean, to write them or to read them.
class KeptVisitor {
 public:
  enum class Task { measure, save, load };
  explicit KeptVisitor(Task task, std::uint8_t *data = nullptr) : task_(task), data_(data) {}

  template <class T>
  void operator()(T &value) {
    if constexpr (requires { value.each_kept(*this); }) {
      value.each_kept(*this);
    } else if constexpr (std::is_trivially_copyable_v<T>) {
      static_assert(!std::is_pointer_v<T>, "a pointer of the old library means nothing in the new one");
      name(type_name<T>());
      bytes(&value, sizeof(T));
    } else if constexpr (requires { value.data(), value.size(); }) {
      name(type_name<T>());
      number(value.size());
      if constexpr (std::is_trivially_copyable_v<typename T::value_type>) {
        bytes(value.data(), value.size() * sizeof(typename T::value_type));
      } else {
        for (auto &element : value) (*this)(element);
      }
    } else {
      static_assert(sizeof(T) == 0,
                    "give it a template <class Visit> void each_kept(Visit &visit) that visits its members");
    }
  }

  std::uint64_t layout() const { return layout_; }
  std::uint64_t size() const { return size_; }

 private:
  template <class T>
  static constexpr std::string_view type_name() {
#if defined(_MSC_VER) && !defined(__clang__)
    return __FUNCSIG__;
#else
    return __PRETTY_FUNCTION__;
#endif
  }

  void bytes(void *value, std::size_t count) {
    if (task_ == Task::measure) number(count);
    else if (count == 0) return;  // there may be no memory
    else if (task_ == Task::save) std::memcpy(data_ + size_, value, count);
    else std::memcpy(value, data_ + size_, count);
    size_ += count;
  }
  void number(std::uint64_t value) {
    if (task_ == Task::measure) layout_ = (layout_ ^ value) * prime;
  }
  void name(std::string_view text) {
    if (task_ != Task::measure) return;
    for (const char c : text) number(static_cast<unsigned char>(c));
  }

  static constexpr std::uint64_t prime = 0x100000001b3;  // of the 64-bit FNV-1a hash
  Task task_;
  std::uint8_t *data_;
  std::uint64_t layout_ = 0xcbf29ce484222325;
  std::uint64_t size_ = 0;
};

}  // namespace detail

// Members whose bytes an instance of the rebuilt library takes over, between two frames: voices, phases, delay lines.
//   Kept kept{*this, voices, phase, line};
// A member is a plain value without pointers, a DSP helper of this SDK, an array or std::vector of these (its size may depend
// on activate), or has a template <class Visit> void each_kept(Visit &visit) that visits its own members. They are taken over
// where both builds have the same members in the same order; when one comes to mean something else at the same size, give its
// type another name.
class Kept final {
 public:
  template <class... Members>
  explicit Kept(Owner &owner, Members &...members) {
    (parts_.push_back(
         {&members, [](void *member, detail::KeptVisitor &visit) { visit(*static_cast<Members *>(member)); }}),
     ...);
    owner.declared_->kept.push_back(this);
  }
  Kept(const Kept &) = delete;
  Kept &operator=(const Kept &) = delete;

 private:
  friend class detail::Declarations;
  struct Part {
    void *member;
    void (*visit)(void *member, detail::KeptVisitor &visitor);
  };
  std::vector<Part> parts_;
};

}  // namespace arranger
