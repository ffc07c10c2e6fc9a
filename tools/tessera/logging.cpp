#include "tools/tessera/logging.hpp"

#include "http/json/writer.hpp"

#include <spdlog/formatter.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>

namespace tessera::cli {

namespace {

class json_formatter final : public spdlog::formatter {
public:
  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& out) override {
    line_.clear();
    http::json::writer json(line_);
    const auto level = spdlog::level::to_string_view(message.level);
    json.begin_object().key("time");
    json.time(std::chrono::duration_cast<std::chrono::microseconds>(message.time.time_since_epoch()).count());
    json.field("level", std::string_view(level.data(), level.size()));
    json.field("message", std::string_view(message.payload.data(), message.payload.size()));
    json.field("thread", static_cast<std::uint64_t>(message.thread_id)).end_object();
    line_ += '\n';
    out.append(line_.data(), line_.data() + line_.size());
  }
  std::unique_ptr<formatter> clone() const override { return std::make_unique<json_formatter>(); }

private:
  std::string line_;
};

spdlog::level::level_enum level_of(config::log_level level) {
  switch (level) {
  case config::log_level::trace: return spdlog::level::trace;
  case config::log_level::debug: return spdlog::level::debug;
  case config::log_level::info: return spdlog::level::info;
  case config::log_level::warn: return spdlog::level::warn;
  case config::log_level::error: return spdlog::level::err;
  }
  return spdlog::level::info;
}

} // namespace

void start_logging(const config::log_settings& settings) {
  spdlog::sink_ptr sink;
  if (settings.file.empty())
    sink = std::make_shared<spdlog::sinks::stdout_sink_mt>();
  else
    sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(settings.file);
  auto logger = std::make_shared<spdlog::logger>("tessera", std::move(sink));
  if (settings.format == config::log_format::json) logger->set_formatter(std::make_unique<json_formatter>());
  logger->set_level(level_of(settings.level));
  logger->flush_on(spdlog::level::info);
  spdlog::set_default_logger(std::move(logger));
}

} // namespace tessera::cli
