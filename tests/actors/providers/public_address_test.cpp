#include "actors/providers/public_address.hpp"

#include <gtest/gtest.h>

namespace tessera {

TEST(PublicAddressTest, IsWhatEverybodyCanReach) {
  for (const auto* text :
       {"1.1.1.1",
        "8.8.8.8",
        "100.63.255.255",
        "100.128.0.0",
        "172.15.0.1",
        "172.32.0.1",
        "192.0.3.1",
        "198.20.0.1",
        "223.255.255.255",
        "2606:4700::1111",
        "2a00::1",
        "::ffff:8.8.8.8",
        "64:ff9b::808:808",
        "2002:808:808::1"})
    EXPECT_TRUE(is_public_address(text)) << text;
}

TEST(PublicAddressTest, IsNothingOfThisMachineOrItsNetworks) {
  for (const auto* text :
       {"0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "100.64.0.1",
        "127.0.0.1",
        "127.255.255.255",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.1",
        "192.0.2.1",
        "192.168.0.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "168.63.129.16",
        "::",
        "::1",
        "fe80::1",
        "fc00::1",
        "fd12::1",
        "ff02::1",
        "::ffff:10.0.0.1",
        "::ffff:127.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::1",
        "2001::1",
        "2001:db8::1",
        "3fff::1",
        "::7f00:1",
        "::ffff:0:7f00:1",
        "64:ff9b:1::1",
        "",
        "localhost",
        "0x7f000001",
        "127.1",
        "1.1.1.1 "})
    EXPECT_FALSE(is_public_address(text)) << text;
}

} // namespace tessera
