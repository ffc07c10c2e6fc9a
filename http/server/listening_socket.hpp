#pragma once

#include <cstdint>
#include <string>
#include <utility>

namespace tessera::http {

/// A socket that listens and of which nobody accepts yet: whoever comes waits. A process takes its ports with
/// it before it takes anything from others.
class listening_socket {
public:
  /// Throws std::system_error when the address cannot be bound.
  listening_socket(const std::string& address, std::uint16_t port);
  ~listening_socket();
  listening_socket(listening_socket&& other) noexcept
      : descriptor_(std::exchange(other.descriptor_, -1)), port_(other.port_), is_v6_(other.is_v6_) {}
  listening_socket(const listening_socket&) = delete;

  std::uint16_t port() const { return port_; }
  bool is_v6() const { return is_v6_; }
  /// Hands the descriptor over.
  int release() { return std::exchange(descriptor_, -1); }

private:
  int descriptor_;
  std::uint16_t port_ = 0;
  bool is_v6_ = false;
};

} // namespace tessera::http
