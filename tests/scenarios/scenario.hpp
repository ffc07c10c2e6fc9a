#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

/// Stories about credits, one sentence a line, that run against more than one implementation:
///
///   # A comment.
///   needs clock                     what not every driver has: `clock`, `grants`, `keys`
///   package NAME CREDITS days N     on sale
///   organization NAME [below NAME]
///   location NAME below NAME
///   purchase ENTITY PACKAGE [as LABEL] [key KEY]
///   grant ENTITY CREDITS [as LABEL] [kind promo|plan|bonus] [priority N] [days N] [for APPLICATION]
///   consume ENTITY CREDITS [for APPLICATION] [key KEY]
///   allocate ENTITY to ENTITY CREDITS [ENTITY CREDITS]… [policy POLICY] [lasting DAYS] [only LABEL]… [key
///   KEY]
///   return ENTITY CREDITS [key KEY]
///   reclaim ENTITY CREDITS [to ENTITY] [key KEY]
///   hold ENTITY CREDITS as LABEL [lasting HOURS] [for APPLICATION] [key KEY]
///   capture LABEL CREDITS [more] [overage] [for APPLICATION] [key KEY]
///   release LABEL [for APPLICATION] [key KEY]
///   advance N days|hours
///   balance ENTITY [for APPLICATION]
///   lots ENTITY
///
/// Behind `=>` stands what the caller must be told: `available N`, `replayed available N`, `refused CODE`
/// [`would allow N`]; of a balance `available N used N total N`; of lots, in burn order, `N of LABEL…` or
/// `none`, where LABEL is the purchase or grant that they come from, and its terms are theirs: end, cost,
/// kind and priority.
namespace tessera::test {

struct scenario_step {
  int line = 0;
  std::string text;
  std::string verb;
  std::vector<std::string> words; // between the verb and `=>`
  std::string expected;           // behind `=>`
};

struct scenario {
  std::string name; // of the file, without its ending
  std::set<std::string> needs;
  std::vector<scenario_step> steps;
};

/// Throws std::runtime_error that names file and line.
scenario read_scenario(const std::string& path);

/// Every *.scenario of the directory, by name.
std::vector<scenario> read_scenarios(const std::string& directory);

/// Takes a step's words one after the other. What is missing or left over throws std::invalid_argument.
class step_words {
public:
  explicit step_words(const scenario_step& step) : words_(step.words) {}

  std::string take(std::string_view what);
  std::int64_t take_number(std::string_view what);
  /// Whether the next word is this one, which is then taken.
  bool takes(std::string_view word);
  void need(std::string_view word);
  bool done() const { return next_ == words_.size(); }
  void expect_end() const;

private:
  const std::vector<std::string>& words_;
  std::size_t next_ = 0;
};

} // namespace tessera::test
