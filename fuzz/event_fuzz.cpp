// Stored events of any bytes: refused, or projected to every format without breaking a line, a
// document or a limit.
//
// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include <simdjson.h>

#include "audit/project/format.hpp"
#include "audit/project/forms.hpp"

using namespace mcpgov;
using namespace mcpgov::audit;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

bool is_json(std::string_view text) {
  static simdjson::dom::parser parser;
  simdjson::dom::element element;
  return parser.parse(text.data(), text.size(), true).get(element) == simdjson::SUCCESS;
}

// One line of printable text, whatever the event holds.
void one_line(std::string_view line) {
  require(!line.empty() && line.back() == '\n');
  line.remove_suffix(1);
  for (const char c : line) require(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
}

void project(const ParsedEvent& event, const ProjectionSettings& settings) {
  for (int number = 0; number < 10; ++number) {
    const auto format = static_cast<Format>(number);
    std::string out;
    open_batch(out, format, settings);
    const bool said = append_to_batch(out, format, event, settings);
    close_batch(out, format);
    if (format == Format::syslog) continue;
    if (out.empty()) {
      require(!said);
      continue;
    }
    one_line(out);
    require(format == Format::cef || is_json(out));
  }
  std::string message;
  append_syslog(message, event, settings);
  require(message.size() <= settings.syslog_bytes);
  require(message.find('\n') == std::string::npos);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  static EventParser parser;
  ParsedEvent event;
  event.log = "log";
  event.seq = 1;
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  const ErrorCode code = parser.parse(text, event);
  require(code == ErrorCode::none || code == ErrorCode::audit_damaged);
  if (code != ErrorCode::none) return 0;
  ProjectionSettings settings;
  project(event, settings);
  settings.identity_on_spans = settings.content_on_spans = settings.syslog_cef = true;
  settings.ocsf = OcsfVersion::v1_9_0_dev;
  project(event, settings);
  return 0;
}
