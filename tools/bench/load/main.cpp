// Puts load on a service, a database or nothing, and prints one line of JSON about it. `tools/bench/run` is
// the caller; see there for the meaning of the figures.
#include "tools/bench/load/arguments.hpp"
#include "tools/bench/load/floor.hpp"
#include "tools/bench/load/load.hpp"
#include "tools/bench/load/readiness.hpp"

#include <algorithm>
#include <cstdio>
#include <exception>
#include <fstream>
#include <span>
#include <string>
#include <string_view>
#include <vector>

using namespace tessera::bench;

namespace {

constexpr const char* usage = R"(usage: tessera_load COMMAND [--flag value]...
  http    --port N [--method consume|get|hold] [--path P] [--key K] [--entities N] [--order random|sequential]
          [--credits N] [--batch N] [--content TEXT] [--values FILE] [--answers FILE] [--connections N] [--warm-up S] [--seconds S] [--grace S] [--rate N]
          [--limit N] [--after-refusal reuse|rest|insist|reconnect] [--expect STATUS] [--service PID] [--postgres PID]
  floor   --database URL [--rows N] [--warm-up S] [--seconds S] [--postgres PID]
  usage   [--service PID] [--postgres PID]       CPU time until now, in microseconds
  ready   --port-file FILE --service PID [--patience S]   waits for /readyz, prints when it came
)";

std::chrono::nanoseconds seconds(arguments& given, const char* name, double fallback) {
  return std::chrono::nanoseconds{static_cast<std::int64_t>(given.number(name, fallback) * 1e9)};
}

after_refusal read_refusal(arguments& given) {
  const auto word = given.text("after-refusal", "reuse");
  if (word == "reuse") return after_refusal::reuse;
  if (word == "rest") return after_refusal::rest;
  if (word == "insist") return after_refusal::insist;
  if (word == "reconnect") return after_refusal::reconnect;
  throw usage_error("--after-refusal must be reuse, rest, insist or reconnect");
}

/// Says which of two words was given; the first is the default.
bool is_second(arguments& given, const char* name, const char* first, const char* second) {
  const auto word = given.text(name, first);
  if (word != first && word != second)
    throw usage_error(std::string("--") + name + " must be " + first + " or " + second);
  return word == second;
}

watched read_watched(arguments& given) {
  return {static_cast<int>(given.count("service", 0)), static_cast<int>(given.count("postgres", 0))};
}

request_kind read_kind(arguments& given) {
  const auto word = given.text("method", "consume");
  if (word == "consume") return request_kind::consume;
  if (word == "get") return request_kind::get;
  if (word == "hold") return request_kind::hold;
  throw usage_error("--method must be consume, get or hold");
}

/// The lines of the file, all as long.
std::vector<std::string> read_values(const std::string& file) {
  std::vector<std::string> values;
  if (file.empty()) return values;
  std::ifstream lines(file);
  for (std::string line; std::getline(lines, line);)
    values.push_back(line);
  const auto differs = [&](const std::string& each) { return each.size() != values.front().size(); };
  if (values.empty() || std::ranges::any_of(values, differs))
    throw usage_error("--values needs a file with lines, all as long");
  return values;
}

const char* path_of(request_kind kind) {
  if (kind == request_kind::get) return "/healthz";
  return kind == request_kind::hold ? "/api/credits/holds" : "/api/credits/consume";
}

request_options read_request(arguments& given) {
  request_options request;
  request.kind = read_kind(given);
  request.path = given.text("path", path_of(request.kind));
  request.key = given.text("key");
  request.entities = std::max<std::uint64_t>(given.count("entities", 1), 1);
  request.order =
      is_second(given, "order", "random", "sequential") ? entity_order::sequential : entity_order::random;
  request.credits = given.count("credits", 1);
  request.batch = given.count("batch", 0);
  request.content = given.text("content");
  if (!request.content.empty()) request.kind = request_kind::post;
  request.values = read_values(given.text("values"));
  return request;
}

load_options read_load(arguments& given) {
  load_options options;
  options.port = static_cast<std::uint16_t>(given.count("port", 0));
  options.connections = std::max<std::uint64_t>(given.count("connections", 1), 1);
  options.warm_up = seconds(given, "warm-up", 0);
  options.measured = seconds(given, "seconds", 2);
  options.grace = seconds(given, "grace", 3);
  options.rate = given.number("rate", 0);
  options.limit = given.count("limit", 0);
  options.refusal = read_refusal(given);
  options.answers = given.text("answers");
  options.expected = static_cast<int>(given.count("expect", 200));
  options.who = read_watched(given);
  options.request = read_request(given);
  given.finish();
  if (options.port == 0) throw usage_error("--port is missing");
  return options;
}

floor_options read_floor(arguments& given) {
  floor_options options;
  options.database = given.required("database");
  options.rows = std::max<std::uint64_t>(given.count("rows", 1), 1);
  options.warm_up = seconds(given, "warm-up", 0);
  options.measured = seconds(given, "seconds", 2);
  options.who = read_watched(given);
  given.finish();
  return options;
}

json_line run_usage(arguments& given) {
  const auto who = read_watched(given);
  given.finish();
  return render_per_request(measure(who), 1).add("resident", resident_bytes(who.service));
}

json_line run_ready(arguments& given) {
  const auto file = given.required("port-file");
  const auto pid = static_cast<int>(given.count("service", 0));
  const auto patience = seconds(given, "patience", 30);
  given.finish();
  const auto at = await_readiness(file, pid, patience).time_since_epoch();
  return json_line().add("ready_at_us", std::chrono::duration_cast<std::chrono::microseconds>(at).count());
}

json_line run(std::string_view command, arguments given) {
  if (command == "http") return render(load(read_load(given)).run());
  if (command == "floor") return render(insert_floor(read_floor(given)));
  if (command == "usage") return run_usage(given);
  if (command == "ready") return run_ready(given);
  throw usage_error("unknown command");
}

} // namespace

int main(int count, char** words) {
  try {
    if (count < 2) throw usage_error("what shall be done?");
    const auto line = run(words[1], arguments(std::span(words, static_cast<std::size_t>(count)).subspan(2)));
    std::puts(line.str().c_str());
    return 0;
  } catch (const usage_error& wrong) {
    std::fprintf(stderr, "tessera_load: %s\n%s", wrong.what(), usage);
    return 2;
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "tessera_load: %s\n", failure.what());
    return 1;
  }
}
