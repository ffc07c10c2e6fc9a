#pragma once

#include "tests/support/json.hpp"
#include "tests/support/tessera_service.hpp"
#include "tests/support/wait.hpp"

#include <gtest/gtest.h>

#include <exception>
#include <string>
#include <utility>
#include <vector>

namespace tessera::test {

/// While it lives, the server ends the session of whoever changes one of those tables, in the very commit.
class lost_commits {
public:
  lost_commits(tessera_service& at, std::vector<std::string> tables) : at_(at), tables_(std::move(tables)) {
    sql("CREATE OR REPLACE FUNCTION end_session() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS "
        "$$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(5); RETURN NULL; END $$");
    for (const auto& table : tables_)
      sql("CREATE CONSTRAINT TRIGGER ends_session AFTER INSERT OR UPDATE OR DELETE ON " + table +
          " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION end_session()");
  }
  ~lost_commits() {
    try {
      for (const auto& table : tables_)
        sql("DROP TRIGGER ends_session ON " + table);
    } catch (const std::exception& why) {
      ADD_FAILURE() << why.what();
    }
  }
  lost_commits(const lost_commits&) = delete;
  lost_commits& operator=(const lost_commits&) = delete;

  /// One of a few calls is answered so: the first ones may meet sessions that are still being made.
  template <class Call> void expect_unknown(Call call) const {
    std::string heard;
    for (int i = 0; i < 5 && heard != "outcome_unknown"; ++i)
      heard = text_at(call().response.body, "/code");
    EXPECT_EQ("outcome_unknown", heard);
  }

private:
  void sql(const std::string& statement) const { at_.cluster().query(at_.database(), statement); }

  tessera_service& at_;
  std::vector<std::string> tables_;
};

/// What is answered when the sessions that were ended have been made anew.
template <class Call> http_exchange answer_after_all(Call call) {
  http_exchange answer;
  (void)wait_until(milliseconds{20'000}, [&] {
    answer = call();
    return answer.status() != 503;
  });
  return answer;
}

} // namespace tessera::test
