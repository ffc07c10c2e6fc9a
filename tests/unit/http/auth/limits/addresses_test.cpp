#include "http/auth/limits/addresses.hpp"

#include <gtest/gtest.h>

namespace tessera::http {

namespace {

ip_address ip(std::string_view text) {
  return parse_ip_address(text).value();
}

class ForwardedForTest : public testing::Test {
protected:
  ip_address seen(std::string peer, std::vector<std::string_view> forwarded) {
    request asked;
    asked.remote_address = std::move(peer);
    for (const auto value : forwarded)
      asked.headers.emplace_back("x-forwarded-for", value);
    return address_of(asked, proxies);
  }
  std::vector<ip_network> proxies{*ip_network::parse("10.0.0.0/8"), *ip_network::parse("2001:db8::/32")};
};

} // namespace

TEST(IpNetworkTest, HoldsItsAddresses) {
  const auto holds = [](std::string_view network, std::string_view address) {
    return ip_network::parse(network).value().contains(ip(address));
  };
  EXPECT_TRUE(holds("10.1.2.3/8", "10.255.0.1"));
  EXPECT_FALSE(holds("10.0.0.0/8", "11.0.0.1"));
  EXPECT_TRUE(holds("192.0.2.1", "192.0.2.1"));
  EXPECT_FALSE(holds("192.0.2.1", "192.0.2.2"));
  EXPECT_TRUE(holds("0.0.0.0/0", "203.0.113.9"));
  EXPECT_FALSE(holds("0.0.0.0/0", "::1"));
  EXPECT_TRUE(holds("2001:db8::/33", "2001:db8:7fff::1"));
  EXPECT_FALSE(holds("2001:db8::/33", "2001:db8:8000::1"));
  EXPECT_TRUE(holds("10.0.0.0/8", "::ffff:10.0.0.1")); // the same, mapped
  for (const auto* text :
       {"", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0/8", "::/129", "x", "10.0.0.0/8x"})
    EXPECT_FALSE(ip_network::parse(text)) << text;
}

TEST(NetworkOfTest, JoinsNeighbours) {
  EXPECT_EQ(network_of(ip("192.0.2.1")), network_of(ip("192.0.2.255")));
  EXPECT_NE(network_of(ip("192.0.2.1")), network_of(ip("192.0.3.1")));
  EXPECT_EQ(network_of(ip("2001:db8::1")), network_of(ip("2001:db8::ffff:1")));
  EXPECT_NE(network_of(ip("2001:db8::1")), network_of(ip("2001:db8:0:1::1")));
  EXPECT_NE(network_of(ip("127.0.0.2")), network_of(ip("127.0.0.3")));
  EXPECT_NE(client_of(ip("192.0.2.1")), client_of(ip("192.0.2.2")));
  EXPECT_EQ(client_of(ip("2001:db8::1")), client_of(ip("2001:db8::2")));
}

TEST_F(ForwardedForTest, CountsOnlyBehindATrustedProxy) {
  EXPECT_EQ(ip("203.0.113.9"), seen("203.0.113.9", {"192.0.2.1"}));
  EXPECT_EQ(ip("127.0.0.1"), seen("127.0.0.1", {"192.0.2.1"})); // loopback is none
  EXPECT_EQ(ip("192.0.2.1"), seen("10.0.0.1", {"192.0.2.1"}));
  EXPECT_EQ(ip("10.0.0.1"), seen("10.0.0.1", {}));
}

TEST_F(ForwardedForTest, WhatTheClientWroteIsNotBelieved) {
  // The client wrote the first, our proxies the rest.
  EXPECT_EQ(ip("192.0.2.1"), seen("10.0.0.1", {"1.2.3.4, 192.0.2.1"}));
  EXPECT_EQ(ip("192.0.2.1"), seen("10.0.0.1", {"1.2.3.4, 192.0.2.1, 10.0.0.2"}));
  EXPECT_EQ(ip("192.0.2.1"), seen("10.0.0.1", {"1.2.3.4", "192.0.2.1", "10.0.0.2"}));
  EXPECT_EQ(ip("10.0.0.2"), seen("10.0.0.1", {"1.2.3.4, unknown, 10.0.0.2"}));
  EXPECT_EQ(ip("10.0.0.1"), seen("10.0.0.1", {"unknown"})); // no address: the proxy's own
  EXPECT_EQ(ip("192.0.2.1"), seen("2001:db8::5", {" 192.0.2.1 "}));
}

TEST_F(ForwardedForTest, AHopMayHaveBracketsAndAPort) {
  EXPECT_EQ(ip("203.0.113.7"), seen("10.0.0.1", {"203.0.113.7:51234"}));
  EXPECT_EQ(ip("203.0.113.7"), seen("10.0.0.1", {"1.2.3.4, 203.0.113.7:51234, 10.0.0.2:443"}));
  EXPECT_EQ(ip("2001:db9::1"), seen("10.0.0.1", {"[2001:db9::1]"}));
  EXPECT_EQ(ip("2001:db9::1"), seen("10.0.0.1", {"[2001:db9::1]:443"}));
  EXPECT_EQ(ip("2001:db9::1"), seen("10.0.0.1", {"2001:db9::1"}));
  for (const auto* text :
       {"203.0.113.7:",
        "203.0.113.7:x",
        "203.0.113.7:123456",
        ":80",
        "[",
        "[]",
        "[]:80",
        "[2001:db9::1",
        "[2001:db9::1]443",
        "[2001:db9::1]:",
        "[203.0.113.7]:80",
        "2001:db9::1]:80"})
    EXPECT_EQ(ip("10.0.0.1"), seen("10.0.0.1", {text})) << text;
}

} // namespace tessera::http
