// A client that others generated from our document, in the language of others (tests/node/client).
#include "tests/api/api_world.hpp"

namespace tessera::test {

namespace {

const std::string here = TESSERA_NODE;

command_result node(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {"/usr/bin/env", "node"});
  return run({.command = std::move(arguments), .environment = {}, .output_file = {}}, milliseconds{120'000});
}

} // namespace

TEST(TypedClientTest, BuysAllocatesSpendsAndHolds) {
  const auto built = node({here + "/client/build.mjs", here + "/../../http/openapi.yaml"});
  ASSERT_TRUE(built.ok()) << "(did `npm ci` run in tests/node?) " << built.output;
  auto& world = api_world::instance();
  const auto organization = world.organization(0);
  const auto receiver = world.service().create_location(world.all(), "loc-of-typed-client", organization);
  const auto done = node(
      {here + "/built/client/client.mjs", world.service().base_url(), world.all(), organization, receiver}
  );
  EXPECT_TRUE(done.ok()) << done.output;
  EXPECT_EQ("left 740\n", done.output);
}

} // namespace tessera::test
