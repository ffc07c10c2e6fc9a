#pragma once

#include "http/routing/request.hpp"

#include <chrono>
#include <string>
#include <string_view>
#include <utility>

/// The cookies in which a browser keeps a session (decision 0026). With `__Host-` in their names no other
/// host, no path and no plain HTTP can set them (RFC 6265bis 4.1.3.2).
namespace tessera::http {

inline constexpr std::string_view access_cookie = "__Host-tessera-access";
inline constexpr std::string_view refresh_cookie = "__Host-tessera-refresh";

/// A cookie of a request.
struct shown_cookie {
  bool is_there = false;
  std::string_view value; // empty: it is there, and not as it was set; or it is there twice
};
/// With Authorization there is none: what the caller sets itself goes before what the browser adds. Cookies
/// of other names may look however they like: they are somebody else's.
shown_cookie find_cookie(const request& from, std::string_view name);

/// The header that lets the browser keep the cookie so long, out of reach of scripts, and send it only when a
/// page of the same site calls.
std::pair<std::string_view, std::string>
set_cookie(std::string_view name, std::string_view value, std::chrono::seconds life);
/// The header that lets the browser forget it.
std::pair<std::string_view, std::string> clear_cookie(std::string_view name);

} // namespace tessera::http
