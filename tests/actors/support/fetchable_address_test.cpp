#include "actors/support/fetchable_address.hpp"

#include <gtest/gtest.h>

namespace tessera {

TEST(FetchableAddressTest, IsSecuredOrOfThisMachine) {
  for (const auto* url : {
           "https://id.example",
           "https://id.example/.well-known/jwks.json",
           "https://id.example:8443/keys?tenant=acme&v=2",
           "https://192.0.2.1/keys",
           "https://[2001:db8::1]:8443/keys",
           "https://xn--bcher-kva.example/keys",
           "http://127.0.0.1/keys",
           "http://127.8.9.10:3000/keys",
           "http://localhost:3000/keys",
           "http://[::1]:3000/keys",
       })
    EXPECT_TRUE(is_fetchable(url)) << url;
}

TEST(FetchableAddressTest, IsNothingElse) {
  for (const auto* url : {
           "",
           "id.example/keys",
           "file:///etc/passwd",
           "ftp://id.example/keys",
           "gopher://127.0.0.1/",
           "HTTPS://id.example/keys",
           "https:/id.example",
           "https://",
           "https:///keys",
           "https://:443/keys",
           "http://id.example/keys",
           "http://10.0.0.1/keys",
           "http://0.0.0.0/keys",
           "http://[::]/keys",
           "http://[::ffff:127.0.0.1]/keys", // may be said simpler
           "http://127.0.0.1.evil.example/keys",
           "http://localhost.evil.example/keys",
           "http://127.1/keys",
           "http://0x7f000001/keys",
           "http://2130706433/keys",
           "http://127.0.0.1@evil.example/keys",
           "http://evil.example#@127.0.0.1/",
           "http://evil.example\\@127.0.0.1/",
           "http://evil.example?@127.0.0.1/",
           "https://user:password@id.example/keys",
           "https://id.example/keys#1",
           "https://id.example/a key",
           "https://id.example/keys\r\nHost: other",
           "https://b\xc3\xbc"
           "cher.example/keys",
           "https://id.example:/keys",
           "https://id.example:0/keys",
           "https://id.example:65536/keys",
           "https://id.example:4a/keys",
           "https://[::1",
           "https://[]/keys",
           "https://[::1]x/keys",
           "https://[127.0.0.1]/keys",
       })
    EXPECT_FALSE(is_fetchable(url)) << url;
}

} // namespace tessera
