#include "tests/scenarios/player.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <map>

namespace tessera::test {

namespace {

std::string number(std::int64_t value) {
  return std::to_string(value);
}

std::string text_of(const told& answer) {
  if (answer.refused.empty())
    return (answer.replayed ? "replayed available " : "available ") + number(answer.available);
  const auto more = answer.would_allow < 0 ? "" : " would allow " + number(answer.would_allow);
  return "refused " + answer.refused + more;
}

std::string text_of(const std::vector<told_lot>& lots) {
  std::string text;
  for (const auto& each : lots)
    text += (text.empty() ? "" : " ") + number(each.free) + " of " + each.label;
  return text.empty() ? "none" : text;
}

std::string optional_word(step_words& in, std::string_view name, std::string otherwise = {}) {
  return in.takes(name) ? in.take(name) : otherwise;
}
std::int64_t optional_number(step_words& in, std::string_view name, std::int64_t otherwise = 0) {
  return in.takes(name) ? in.take_number(name) : otherwise;
}

// One function for each verb: reads its words, does it, and says what was told.

std::string package(step_words& in, scenario_driver& with) {
  sell_package command{in.take("a name"), in.take_number("an amount"), 0};
  in.need("days");
  command.days = in.take_number("a number of days");
  in.expect_end();
  with.make(command);
  return {};
}

std::string entity(const std::string& type, step_words& in, scenario_driver& with) {
  make_entity command{type, in.take("a name"), {}};
  command.parent = optional_word(in, "below");
  in.expect_end();
  with.make(command);
  return {};
}

std::string purchase(step_words& in, scenario_driver& with) {
  buy_credits command{in.take("an entity"), in.take("a package"), {}, {}};
  command.label = optional_word(in, "as", command.package);
  command.key = optional_word(in, "key");
  in.expect_end();
  return text_of(with.take(command));
}

std::string grant(step_words& in, scenario_driver& with) {
  grant_lot command;
  command.entity = in.take("an entity");
  command.credits = in.take_number("an amount");
  command.label = optional_word(in, "as", "grant");
  command.kind = optional_word(in, "kind", command.kind);
  command.priority = optional_number(in, "priority", command.priority);
  command.days = optional_number(in, "days");
  command.application = optional_word(in, "for");
  in.expect_end();
  return text_of(with.take(command));
}

std::string consume(step_words& in, scenario_driver& with) {
  spend_credits command;
  command.entity = in.take("an entity");
  command.credits = in.take_number("an amount");
  command.application = optional_word(in, "for", "crm");
  command.key = optional_word(in, "key");
  in.expect_end();
  return text_of(with.take(command));
}

void add_leg(step_words& in, move_credits& command) {
  const auto to = in.take("a receiver");
  command.legs.push_back({to, in.take_number("an amount")});
}

std::string allocate(step_words& in, scenario_driver& with) {
  move_credits command;
  command.from = in.take("an entity");
  in.need("to");
  add_leg(in, command);
  while (!in.done()) {
    if (in.takes("policy"))
      command.policy = in.take("a policy");
    else if (in.takes("lasting"))
      command.lasting_days = in.take_number("a number of days");
    else if (in.takes("only"))
      command.only.push_back(in.take("a label"));
    else if (in.takes("key"))
      command.key = in.take("a key");
    else
      add_leg(in, command);
  }
  return text_of(with.take(command));
}

std::string upward(move_credits::way how, step_words& in, scenario_driver& with) {
  move_credits command;
  command.how = how;
  command.from = in.take("an entity");
  const auto amount = in.take_number("an amount");
  command.legs = {{optional_word(in, "to"), amount}};
  command.key = optional_word(in, "key");
  in.expect_end();
  return text_of(with.take(command));
}

std::string hold(step_words& in, scenario_driver& with) {
  put_aside command;
  command.entity = in.take("an entity");
  command.credits = in.take_number("an amount");
  in.need("as");
  command.label = in.take("a label");
  command.hours = optional_number(in, "lasting");
  command.application = optional_word(in, "for", "crm");
  command.key = optional_word(in, "key");
  in.expect_end();
  return text_of(with.take(command));
}

std::string capture(step_words& in, scenario_driver& with) {
  use_held command;
  command.label = in.take("a label");
  command.credits = in.take_number("an amount");
  command.more = in.takes("more");
  command.overage = in.takes("overage");
  command.application = optional_word(in, "for", "crm");
  command.key = optional_word(in, "key");
  in.expect_end();
  return text_of(with.take(command));
}

std::string release(step_words& in, scenario_driver& with) {
  let_go command;
  command.label = in.take("a label");
  command.application = optional_word(in, "for", "crm");
  command.key = optional_word(in, "key");
  in.expect_end();
  return text_of(with.take(command));
}

std::string advance(step_words& in, scenario_driver& with) {
  const auto count = in.take_number("a number of days or hours");
  const bool hours = in.takes("hours");
  if (!hours) in.need("days");
  in.expect_end();
  with.pass_hours(hours ? count : 24 * count);
  return {};
}

std::string balance(step_words& in, scenario_driver& with) {
  const auto of = in.take("an entity");
  const auto told = with.balance(of, optional_word(in, "for", "crm"));
  in.expect_end();
  return "available " + number(told.available) + " used " + number(told.used) + " total " +
         number(told.total);
}

std::string lots(step_words& in, scenario_driver& with) {
  const auto of = in.take("an entity");
  in.expect_end();
  return text_of(with.lots(of));
}

using verb = std::function<std::string(step_words&, scenario_driver&)>;

const std::map<std::string, verb>& verbs() {
  const auto of_type = [](const std::string& type) {
    return [type](step_words& in, scenario_driver& with) { return entity(type, in, with); };
  };
  const auto upward_by = [](move_credits::way how) {
    return [how](step_words& in, scenario_driver& with) { return upward(how, in, with); };
  };
  static const std::map<std::string, verb> all = {
      {"package", package},
      {"organization", of_type("organization")},
      {"location", of_type("location")},
      {"purchase", purchase},
      {"grant", grant},
      {"consume", consume},
      {"allocate", allocate},
      {"return", upward_by(move_credits::way::give_back)},
      {"reclaim", upward_by(move_credits::way::reclaim)},
      {"hold", hold},
      {"capture", capture},
      {"release", release},
      {"advance", advance},
      {"balance", balance},
      {"lots", lots},
  };
  return all;
}

} // namespace

void play(const scenario& story, scenario_driver& with) {
  for (const auto& step : story.steps) {
    SCOPED_TRACE(story.name + ".scenario:" + number(step.line) + ": " + step.text);
    const auto found = verbs().find(step.verb);
    ASSERT_NE(found, verbs().end()) << "nobody knows how to " << step.verb;
    try {
      step_words words(step);
      const auto answer = found->second(words, with);
      EXPECT_EQ(step.expected, answer);
    } catch (const std::exception& why) {
      FAIL() << why.what();
    }
  }
}

} // namespace tessera::test
