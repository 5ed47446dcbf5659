// Decisions, lists and threads.
//
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "kinds.hpp"
#include "measure.hpp"

namespace mcpgov::bench {
namespace {

namespace cedar = policy::cedar;
using policy::Effect;

struct World {
  std::vector<cedar::Engine> engines;  // one per set of entities
  std::vector<Case> cases;
  std::vector<TextQuestion> questions;
};

World read_world(const Folder& folder) {
  World out;
  double bytes = 0;
  for (std::size_t set = 0; set < folder.sets(); ++set) {
    out.engines.push_back(folder.engine(set, &bytes));
  }
  if (folder.flag("memory")) {
    print({{"op", "memory"}, {"bytes", bytes / out.engines.back().policy_count()}});
  }
  for (std::size_t set = 0; set < folder.sets(); ++set) {
    for (TextQuestion& each : folder.questions(set)) {
      out.cases.emplace_back(out.engines[set], each);
      out.questions.push_back(std::move(each));
    }
  }
  return out;
}

// What every engine must answer alike; decide() with the index off is held against it too.
nlohmann::json answers(const World& world) {
  std::string decisions;
  Digest digest;
  Arena arena;
  for (const Case& each : world.cases) {
    arena.reset();
    const policy::Decision decision = each.engine->authorize(each.request, arena);
    decisions += decision.effect == Effect::allow ? 'A' : 'D';
    digest.add(answer_text(*each.engine, decision));
    if (each.engine->decide(each.request, arena) != decision.effect) fail("decide() differs");
  }
  return {{"decisions", decisions}, {"digest", digest.text()}};
}

void from_strings(const Folder& folder, double seconds, const nlohmann::json& answers) {
  const policy::Source source{"", folder.policies()};
  const auto engine =
      must(policy::Engine::cedar({&source, 1}, folder.entities(0), policy::Ids::positional));
  const std::vector<TextQuestion> questions = folder.questions(0);
  Samples samples = measure(questions.size(), seconds, [&](std::size_t at) {
    const TextQuestion& q = questions[at];
    keep(engine.authorize({q.principal.uid(), q.action.uid(), q.resource.uid()}, q.context));
  });
  nlohmann::json line = samples.line("authorize");
  line.update(answers);
  print(line);
}

// Calls per second of 1 thread up to as many as there are cores.
void threads(const World& world, double seconds, const nlohmann::json& answers) {
  const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
  for (unsigned count = 1;; count = std::min(count * 2, cores)) {
    std::atomic<std::size_t> total = 0;
    const Clock::time_point begin = Clock::now();
    const auto run = [&] {
      Arena arena;
      std::size_t calls = 0;
      while (nanoseconds(begin) < seconds * 1e9) {
        for (int i = 0; i < 64; ++i) {
          const Case& each = world.cases[calls++ % world.cases.size()];
          arena.reset();
          keep(each.engine->authorize(each.request, arena));
        }
      }
      total += calls;
    };
    std::vector<std::thread> all;
    for (unsigned i = 0; i < count; ++i) all.emplace_back(run);
    for (std::thread& each : all) each.join();
    nlohmann::json line{{"op", fmt::format("threads {}", count)},
                        {"rate", static_cast<double>(total) / nanoseconds(begin) * 1e9}};
    line.update(answers);
    print(line);
    if (count == cores) return;
  }
}

}  // namespace

void authorize(const Folder& folder, double seconds) {
  const World world = read_world(folder);
  const nlohmann::json agreed = answers(world);
  if (folder.flag("strings")) return from_strings(folder, seconds, agreed);
  if (folder.flag("threads")) return threads(world, seconds, agreed);
  Arena arena;
  Samples samples = measure(world.cases.size(), seconds, [&](std::size_t at) {
    const Case& each = world.cases[at];
    arena.reset();
    keep(each.engine->authorize(each.request, arena));
  });
  nlohmann::json line = samples.line("authorize");
  line.update(agreed);
  print(line);
  samples = measure(world.cases.size(), seconds, [&](std::size_t at) {
    const Case& each = world.cases[at];
    arena.reset();
    keep(each.engine->decide(each.request, arena));
  });
  print(samples.line("decide"));
}

// One question about all items, with the arguments known (as the rivals are asked) and without.
void list(const Folder& folder, double seconds) {
  const World world = read_world(folder);
  const cedar::Engine& engine = world.engines[0];
  const policy::Request& first = world.cases[0].request;
  // Resources of the other cases may live in their own symbols: only shared ones can be listed.
  Arena facts;
  policy::RequestSymbols symbols(engine.symbols(), facts);
  std::vector<policy::EntityId> items;
  for (const TextQuestion& each : world.questions) {
    items.push_back(symbols.entity(each.resource.type, each.resource.id));
  }
  Arena arena;
  const auto ask = [&](const policy::Value& context, std::string* decisions) {
    arena.reset();
    cedar::ListQuestion question(engine, first.principal, symbols, {}, policy::ErrorRule::cedar,
                                 arena);
    std::size_t shown = 0;
    for (const policy::EntityId item : items) {
      const bool some = question.probe(first.action, item, context).some;
      shown += some ? 1 : 0;
      if (decisions != nullptr) *decisions += some ? 'A' : 'D';
    }
    keep(shown);
  };
  std::string decisions;
  ask(first.context, &decisions);
  Samples samples = measure(1, seconds, [&](std::size_t) { ask(first.context, nullptr); });
  nlohmann::json line = samples.line("list");
  line["decisions"] = decisions;
  print(line);

  const policy::Value unknown{};
  samples = measure(1, seconds, [&](std::size_t) { ask(unknown, nullptr); });
  print(samples.line("list, arguments unknown"));

  samples = measure(1, seconds, [&](std::size_t) {
    for (const Case& each : world.cases) {
      arena.reset();
      keep(engine.authorize(each.request, arena));
    }
  });
  line = samples.line("list, one call each");
  line.update(answers(world));
  print(line);
}

}  // namespace mcpgov::bench
