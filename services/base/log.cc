// SPDX-License-Identifier: Apache-2.0
#include "services/base/log.h"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <cstdio>
#include <ctime>
#include <memory>
#include <mutex>

namespace latchkey::log {
namespace {

constexpr size_t kLongestText = 4096;

// Characters that are valid UTF-8 and still must not reach a reader's terminal as themselves: C1
// controls, soft hyphen, bidi marks and isolates, zero-width marks, line and paragraph separators,
// the byte-order mark, tags.
bool IsTreacherous(char32_t c) {
  return (c >= 0x80 && c < 0xa0) || c == 0xad || c == 0x61c || (c >= 0x200b && c <= 0x200f) ||
         (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || c == 0xfeff ||
         (c >= 0xfff9 && c <= 0xfffb) || (c >= 0xe0000 && c <= 0xe007f);
}

void AppendEscape(std::string& out, char16_t unit) {
  char escape[8];
  std::snprintf(escape, sizeof escape, "\\u%04x", unsigned{unit});
  out += escape;
}

// Reads one code point; size 0 when the bytes are no UTF-8.
struct CodePoint {
  char32_t value = 0;
  size_t size = 0;
};
CodePoint DecodeOne(std::string_view text) {
  auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  size_t size = byte(0) < 0x80 ? 1 : byte(0) >= 0xf0 ? 4 : byte(0) >= 0xe0 ? 3 : 2;
  if (size == 1) return {byte(0), 1};
  if (byte(0) < 0xc2 || byte(0) > 0xf4 || text.size() < size) return {};
  char32_t value = byte(0) & (0xff >> (size + 1));
  for (size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return {};
    value = (value << 6) | (byte(i) & 0x3f);
  }
  constexpr char32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  if (value < kLeast[size] || value > 0x10ffff || (value >= 0xd800 && value < 0xe000)) return {};
  return {value, size};
}

std::string TimeText() {
  auto now = std::chrono::time_point_cast<Millis>(std::chrono::system_clock::now());
  std::time_t whole_seconds = std::chrono::system_clock::to_time_t(now);
  std::tm utc{};
  gmtime_r(&whole_seconds, &utc);
  char day[24], text[32];
  std::strftime(day, sizeof day, "%Y-%m-%dT%H:%M:%S", &utc);
  std::snprintf(text, sizeof text, "%s.%03dZ", day,
                static_cast<int>(now.time_since_epoch().count() % 1000));
  return text;
}

// The one sink of the process. spdlog does the locking and the writing; the line is made here.
struct Output {
  std::string program = "latchkey";
  Config::Log::Format format = Config::Log::Format::kJson;
  std::shared_ptr<spdlog::logger> logger;

  Output() { Use(std::make_shared<spdlog::sinks::stderr_sink_mt>()); }
  void Use(spdlog::sink_ptr sink) {
    auto level = logger ? logger->level() : spdlog::level::info;
    logger = std::make_shared<spdlog::logger>("latchkey", std::move(sink));
    logger->set_formatter(std::make_unique<spdlog::pattern_formatter>("%v"));
    logger->set_level(level);
    logger->flush_on(spdlog::level::trace);
  }
};
Output& TheOutput() {
  static Output output;
  return output;
}

std::string_view LevelName(spdlog::level::level_enum level) {
  switch (level) {
    case spdlog::level::debug:
      return "debug";
    case spdlog::level::info:
      return "info";
    case spdlog::level::warn:
      return "warning";
    default:
      return "error";
  }
}

void Write(spdlog::level::level_enum level, std::string_view event, Fields fields) {
  Output& output = TheOutput();
  if (!output.logger->should_log(level)) return;
  std::string line;
  if (output.format == Config::Log::Format::kJson) {
    line = "{\"time\":\"" + TimeText() + "\",\"level\":\"" + std::string(LevelName(level)) +
           "\",\"program\":" + QuoteJson(output.program) + ",\"event\":" + QuoteJson(event);
    for (const Field& field : fields) line += "," + QuoteJson(field.key()) + ":" + field.written();
    line += "}";
  } else {
    line = TimeText() + " " + std::string(LevelName(level)) + " " + std::string(event);
    for (const Field& field : fields) line += " " + field.key() + "=" + field.written();
  }
  output.logger->log(level, "{}", line);
}

}  // namespace

std::string QuoteJson(std::string_view text) {
  bool cut = text.size() > kLongestText;
  if (cut) text = text.substr(0, kLongestText);
  std::string out = "\"";
  while (!text.empty()) {
    CodePoint point = DecodeOne(text);
    if (point.size == 0) {  // no UTF-8: the byte is shown, not passed on
      out += "\\\\x";
      char hex[4];
      std::snprintf(hex, sizeof hex, "%02x", static_cast<unsigned char>(text[0]));
      out += hex;
      text.remove_prefix(1);
      continue;
    }
    if (point.value == '"' || point.value == '\\') {
      out += '\\';
      out += static_cast<char>(point.value);
    } else if (point.value == '\n') {
      out += "\\n";
    } else if (point.value < 0x20 || point.value == 0x7f || IsTreacherous(point.value)) {
      if (point.value >=
          0x10000) {  // a surrogate pair, as JSON writes what lies beyond the first plane
        AppendEscape(out, static_cast<char16_t>(0xd800 + ((point.value - 0x10000) >> 10)));
        AppendEscape(out, static_cast<char16_t>(0xdc00 + ((point.value - 0x10000) & 0x3ff)));
      } else {
        AppendEscape(out, static_cast<char16_t>(point.value));
      }
    } else {
      out += text.substr(0, point.size);
    }
    text.remove_prefix(point.size);
  }
  return out + (cut ? "…\"" : "\"");
}

Field::Field(std::string_view key, double number) : key_(key) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", number);
  // JSON has no infinity and no not-a-number.
  written_ = (text[0] == '-' ? text[1] : text[0]) >= 'a' ? "null" : text;
}

std::string Field::Quote(std::string_view text) { return QuoteJson(text); }

std::string_view Field::ReasonName(Reason reason) {
  switch (reason) {
    case Reason::kMalformed:
      return "malformed";
    case Reason::kNotAllowed:
      return "not_allowed";
    case Reason::kWrong:
      return "wrong";
    case Reason::kResting:
      return "resting";
    case Reason::kBusy:
      return "busy";
    case Reason::kExpired:
      return "expired";
    case Reason::kUsed:
      return "used";
    case Reason::kStopped:
      return "stopped";
    case Reason::kPasswordUnsuitable:
      return "password_unsuitable";
    case Reason::kMoreProof:
      return "more_proof";
    case Reason::kConflict:
      return "conflict";
    case Reason::kNotFound:
      return "not_found";
    case Reason::kOwnAccount:
      return "own_account";
    case Reason::kUnavailable:
      return "unavailable";
    case Reason::kInternal:
      return "internal";
  }
  return "unknown";
}

void Debug(std::string_view event, Fields fields) { Write(spdlog::level::debug, event, fields); }
void Info(std::string_view event, Fields fields) { Write(spdlog::level::info, event, fields); }
void Warning(std::string_view event, Fields fields) { Write(spdlog::level::warn, event, fields); }
void Error(std::string_view event, Fields fields) { Write(spdlog::level::err, event, fields); }

void Start(std::string_view program, const Config::Log& config) {
  Output& output = TheOutput();
  output.program = program;
  output.format = config.format;
  auto level = spdlog::level::info;
  switch (config.level) {
    case Config::Log::Level::kDebug:
      level = spdlog::level::debug;
      break;
    case Config::Log::Level::kInfo:
      level = spdlog::level::info;
      break;
    case Config::Log::Level::kWarning:
      level = spdlog::level::warn;
      break;
    case Config::Log::Level::kError:
      level = spdlog::level::err;
      break;
  }
  output.logger->set_level(level);
}

void Flush() { TheOutput().logger->flush(); }

namespace {

class CaptureSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit CaptureSink(std::string* lines) : lines_(lines) {}

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    lines_->append(message.payload.data(), message.payload.size());
    lines_->push_back('\n');
  }
  void flush_() override {}
  std::string* lines_;
};

}  // namespace

void CaptureForTest(std::string* lines) {
  if (lines == nullptr) return TheOutput().Use(std::make_shared<spdlog::sinks::stderr_sink_mt>());
  TheOutput().Use(std::make_shared<CaptureSink>(lines));
}

}  // namespace latchkey::log
