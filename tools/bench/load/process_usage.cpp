#include "tools/bench/load/process_usage.hpp"

#include <ctime>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <unistd.h>

namespace tessera::bench {

namespace {

using std::chrono::nanoseconds;
namespace fs = std::filesystem;

std::string first_line(const fs::path& file) {
  std::ifstream in(file);
  std::string line;
  std::getline(in, line);
  return line;
}

/// The scheduler's own account, in nanoseconds.
nanoseconds on_cpu(const fs::path& directory) {
  std::istringstream in(first_line(directory / "schedstat"));
  std::int64_t spent = 0;
  in >> spent;
  return nanoseconds{spent};
}

struct process_state {
  int parent = 0;
  nanoseconds of_ended_children{0}; // in whole clock ticks
};

process_state read_state(const fs::path& directory) {
  const auto line = first_line(directory / "stat");
  const auto behind_name = line.rfind(')');
  if (behind_name == std::string::npos) return {};
  std::istringstream in(line.substr(behind_name + 1));
  process_state read;
  std::string skipped;
  std::int64_t ticks_in_user = 0;
  std::int64_t ticks_in_kernel = 0;
  in >> skipped >> read.parent;
  for (int field = 5; field < 16; ++field)
    in >> skipped;
  in >> ticks_in_user >> ticks_in_kernel;
  read.of_ended_children =
      (ticks_in_user + ticks_in_kernel) * (nanoseconds{1'000'000'000} / sysconf(_SC_CLK_TCK));
  return read;
}

bool is_process(const fs::path& directory) {
  return directory.filename().string().find_first_not_of("0123456789") == std::string::npos;
}

nanoseconds family_usage(int parent) {
  const auto own = fs::path("/proc") / std::to_string(parent);
  auto sum = on_cpu(own) + read_state(own).of_ended_children;
  for (const auto& each : fs::directory_iterator("/proc"))
    if (is_process(each.path()) && read_state(each.path()).parent == parent) sum += on_cpu(each.path());
  return sum;
}

std::map<std::string, nanoseconds> thread_usage(int pid) {
  std::map<std::string, nanoseconds> by_name;
  std::error_code gone;
  for (const auto& thread : fs::directory_iterator(fs::path("/proc") / std::to_string(pid) / "task", gone))
    by_name[first_line(thread.path() / "comm")] += on_cpu(thread.path());
  return by_name;
}

nanoseconds own_usage() {
  timespec spent{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &spent);
  return std::chrono::seconds{spent.tv_sec} + nanoseconds{spent.tv_nsec};
}

} // namespace

nanoseconds cpu_usage::service() const {
  nanoseconds sum{0};
  for (const auto& [name, spent] : threads)
    sum += spent;
  return sum;
}

cpu_usage measure(const watched& who) {
  cpu_usage now;
  if (who.service != 0) now.threads = thread_usage(who.service);
  if (who.postmaster != 0) now.postgres = family_usage(who.postmaster);
  now.self = own_usage();
  return now;
}

cpu_usage operator-(cpu_usage later, const cpu_usage& earlier) {
  for (auto& [name, spent] : later.threads)
    if (const auto before = earlier.threads.find(name); before != earlier.threads.end())
      spent -= before->second;
  later.postgres -= earlier.postgres;
  later.self -= earlier.self;
  return later;
}

std::uint64_t resident_bytes(int pid) {
  std::istringstream in(first_line(fs::path("/proc") / std::to_string(pid) / "statm"));
  std::uint64_t pages = 0;
  std::uint64_t resident = 0;
  in >> pages >> resident;
  return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

json_line render_per_request(const cpu_usage& used, std::uint64_t requests) {
  const auto share = [&](nanoseconds spent) {
    return requests == 0 ? 0.0 : static_cast<double>(spent.count()) / 1e3 / static_cast<double>(requests);
  };
  json_line threads;
  for (const auto& [name, spent] : used.threads)
    if (spent.count() > 0) threads.add(name, share(spent));
  json_line out;
  out.add("service", share(used.service())).add("postgres", share(used.postgres));
  out.add("client", share(used.self)).add("threads", threads);
  return out;
}

} // namespace tessera::bench
