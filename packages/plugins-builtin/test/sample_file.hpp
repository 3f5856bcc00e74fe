// SPDX-License-Identifier: MIT
#pragma once

#include <sndfile.h>

#include <stdexcept>
#include <string>
#include <vector>

#include "harness.hpp"
#include "temporary_file.hpp"

namespace harness {

// An audio file with these channels, written by libsndfile. `format` as there.
class SampleFile : public TemporaryFile {
 public:
  explicit SampleFile(const std::vector<Samples> &channels, int sample_rate = 48000,
                      int format = SF_FORMAT_WAV | SF_FORMAT_FLOAT)
      : TemporaryFile("sample", "") {
    const auto count = channels.size(), frames = channels.at(0).size();
    SF_INFO info{0, sample_rate, static_cast<int>(count), format, 0, 0};
    SNDFILE *file = sf_open(path().c_str(), SFM_WRITE, &info);
    if (file == nullptr) throw std::runtime_error(sf_strerror(nullptr));
    Samples interleaved(count * frames);
    for (std::size_t i = 0; i < interleaved.size(); ++i) interleaved[i] = channels[i % count][i / count];
    sf_writef_float(file, interleaved.data(), static_cast<sf_count_t>(frames));
    sf_close(file);
  }
};

}  // namespace harness
