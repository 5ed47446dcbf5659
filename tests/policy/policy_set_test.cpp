// Policy sets: adding, linking, removing and merging, ids that meet, and both document forms.
//
// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "mcpgov/cedar.hpp"
#include "mcpgov/policy.hpp"
#include "support/allocation.hpp"

using namespace mcpgov;
using namespace mcpgov::policy;

namespace {

constexpr std::string_view kStatic = "permit(principal, action, resource);";
constexpr std::string_view kBoth =
    "@kind(\"share\") permit(principal == ?principal, action, resource in ?resource);";
constexpr std::string_view kOne = "forbid(principal in ?principal, action, resource);";

const Uid kAnn{"User", "ann"};
const Uid kPlan{"Doc", "plan"};

ErrorCode code_of(const Result<void>& result) {
  return result ? ErrorCode::none : result.error().code;
}

std::string ids_of(const PolicySet& set) {
  std::string out;
  for (const PolicyEntry& entry : set.entries()) out += std::string(entry.id) + " ";
  return out;
}

PolicySet filled() {
  PolicySet set;
  REQUIRE(set.add("static", kStatic));
  REQUIRE(set.add_template("both", kBoth));
  REQUIRE(set.add_template("one", kOne));
  REQUIRE(set.link("both", "link", {kAnn, kPlan}));
  return set;
}

}  // namespace

TEST_CASE("policy set: what is added is there, in order, with its annotations") {
  const PolicySet set = filled();
  CHECK(set.size() == 4);
  CHECK(ids_of(set) == "static both one link ");
  const PolicyEntry link = set.find("link").value();
  CHECK(link.role == PolicyRole::link);
  CHECK(link.template_id == "both");
  CHECK(link.values.principal->id == "ann");
  CHECK(link.values.resource->type == "Doc");
  REQUIRE(link.annotations.size() == 1);
  CHECK(link.annotations[0].name == "kind");
  CHECK(link.annotations[0].value == "share");
  CHECK(set.find("one")->forbid);
  CHECK(set.find("one")->role == PolicyRole::policy_template);
  CHECK(!set.find("nobody"));
}

TEST_CASE("policy set: ids are never used twice") {
  PolicySet set = filled();
  for (const std::string_view id : {"static", "both", "link"}) {
    CAPTURE(id);
    CHECK(code_of(set.add(id, kStatic)) == ErrorCode::policy_duplicate_id);
    CHECK(code_of(set.add_template(id, kOne)) == ErrorCode::policy_template_duplicate_id);
    CHECK(code_of(set.link("both", id, {kAnn, kPlan})) == ErrorCode::policy_link_duplicate_id);
  }
  CHECK(set.size() == 4);
  const Source twice{"a.cedar",
                     "@id(\"x\")" + std::string(kStatic) + "\n @id(\"x\")" + std::string(kOne)};
  const Error error = PolicySet::from_cedar({&twice, 1}).error();
  CHECK(error.text() == "a.cedar:2:10: the id `x` is in use [policy_template_duplicate_id]");
}

TEST_CASE("policy set: a link gives exactly what its template needs") {
  PolicySet set = filled();
  CHECK(code_of(set.link("both", "l", {})) == ErrorCode::policy_slot_missing);
  CHECK(code_of(set.link("both", "l", {kAnn, {}})) == ErrorCode::policy_slot_missing);
  CHECK(code_of(set.link("one", "l", {})) == ErrorCode::policy_slot_missing);
  CHECK(code_of(set.link("one", "l", {kAnn, kPlan})) == ErrorCode::policy_slot_extra);
  CHECK(code_of(set.link("nobody", "l", {kAnn, {}})) == ErrorCode::policy_template_unknown);
  CHECK(code_of(set.link("static", "l", {})) == ErrorCode::policy_template_unknown);
  CHECK(code_of(set.link("link", "l", {})) == ErrorCode::policy_template_unknown);
  CHECK(code_of(set.link("one", "l", {Uid{"User ", "a"}, {}})) == ErrorCode::entities_shape);
  CHECK(code_of(set.link("one", "l", {Uid{"User", "\xff"}, {}})) == ErrorCode::entities_shape);
  CHECK(set.size() == 4);
  CHECK(code_of(set.link("one", "l", {kAnn, {}})) == ErrorCode::none);
}

TEST_CASE("policy set: one policy or template is added, of the right kind") {
  PolicySet set;
  CHECK(code_of(set.add("p", kOne)) == ErrorCode::policy_template_unlinked);
  CHECK(code_of(set.add_template("p", kStatic)) == ErrorCode::policy_not_a_template);
  CHECK(code_of(set.add("p", "")) == ErrorCode::policy_syntax);
  CHECK(code_of(set.add("p", "// nothing")) == ErrorCode::policy_syntax);
  CHECK(code_of(set.add("p", std::string(kStatic) + std::string(kStatic))) ==
        ErrorCode::policy_syntax);
  CHECK(code_of(set.add("p", std::string(kStatic) + " permit")) == ErrorCode::policy_syntax);
  CHECK(code_of(set.add("p", "permit(principal, action, resource) when { 1 + };")) ==
        ErrorCode::policy_syntax);
  CHECK(set.size() == 0);
}

TEST_CASE("policy set: each kind is removed by its own verb") {
  PolicySet set = filled();
  CHECK(code_of(set.remove("link")) == ErrorCode::policy_unknown_id);
  CHECK(code_of(set.remove("one")) == ErrorCode::policy_unknown_id);
  CHECK(code_of(set.unlink("static")) == ErrorCode::policy_unknown_id);
  CHECK(code_of(set.remove_template("static")) == ErrorCode::policy_template_unknown);
  CHECK(code_of(set.remove_template("both")) == ErrorCode::policy_template_linked);
  CHECK(ids_of(set) == "static both one link ");

  CHECK(code_of(set.unlink("link")) == ErrorCode::none);
  CHECK(code_of(set.unlink("link")) == ErrorCode::policy_unknown_id);
  CHECK(code_of(set.remove_template("both")) == ErrorCode::none);
  CHECK(code_of(set.remove("static")) == ErrorCode::none);
  CHECK(ids_of(set) == "one ");
  // Their ids are free again.
  CHECK(code_of(set.add("link", kStatic)) == ErrorCode::none);
  CHECK(code_of(set.link("one", "both", {kAnn, {}})) == ErrorCode::none);
  CHECK(ids_of(set) == "one link both ");
}

TEST_CASE("policy set: many additions and removals leave what they should") {
  PolicySet set;
  REQUIRE(set.add_template("t", kOne));
  for (int i = 0; i < 3000; ++i) {
    REQUIRE(set.link("t", "l" + std::to_string(i), {Uid{"User", std::to_string(i)}, {}}));
    if (i % 3 != 0) REQUIRE(set.unlink("l" + std::to_string(i)));
  }
  CHECK(set.size() == 1001);
  CHECK(set.entries()[1].id == "l0");
  CHECK(set.entries()[1000].id == "l2997");
  CHECK(set.find("l2997")->values.principal->id == "2997");
  CHECK(code_of(set.remove_template("t")) == ErrorCode::policy_template_linked);
}

TEST_CASE("policy set: texts with templates, numbered together") {
  const Source source{"",
                      std::string(kStatic) + "// c\n" + std::string(kBoth) + std::string(kStatic)};
  const Result<PolicySet> set = PolicySet::from_cedar({&source, 1});
  REQUIRE(set);
  CHECK(ids_of(*set) == "policy0 policy1 policy2 ");
  CHECK(set->find("policy1")->role == PolicyRole::policy_template);
  CHECK(set->find("policy1")->place.line == 2);
  CHECK(set->find("policy1")->place.column == 16);
  // Text is kept as it was written.
  CHECK(*set->text("policy1") == kBoth);
  CHECK(*set->to_text() ==
        std::string(kStatic) + "\n\n" + std::string(kBoth) + "\n\n" + std::string(kStatic));
  CHECK(set->text("x").error().code == ErrorCode::policy_unknown_id);
  CHECK(set->json("x").error().code == ErrorCode::policy_unknown_id);
}

TEST_CASE("policy set: links have JSON, and a text of their own, but none in the set's") {
  const PolicySet set = filled();
  CHECK(*set.text("link") ==
        "@kind(\"share\")\npermit(principal == User::\"ann\", action, resource in Doc::\"plan\");");
  CHECK(*set.json("link") ==
        R"({"effect":"permit","principal":{"op":"==","entity":{"type":"User","id":"ann"}},)"
        R"("action":{"op":"All"},"resource":{"op":"in","entity":{"type":"Doc","id":"plan"}},)"
        R"("conditions":[],"annotations":{"kind":"share"}})");
  CHECK(set.to_text().error().code == ErrorCode::policy_not_expressible);
}

TEST_CASE("policy set: JSON there and back") {
  const PolicySet set = filled();
  const std::string json = *set.to_json();
  CHECK(json.starts_with(R"({"templates":{"both":{"effect":"permit","principal":{"op":"==","slot":)"
                         R"("?principal"},)"));
  CHECK(json.ends_with(R"("templateLinks":[{"templateId":"both","newId":"link","values":)"
                       R"({"?principal":{"type":"User","id":"ann"},)"
                       R"("?resource":{"type":"Doc","id":"plan"}}}]})"));
  const Result<PolicySet> again = PolicySet::from_json({"set.json", json});
  REQUIRE(again);
  CHECK(*again->to_json() == json);
  CHECK(ids_of(*again) == "static both one link ");
  CHECK(again->find("link")->place.source == "set.json");
  CHECK(*PolicySet().to_json() == R"({"templates":{},"staticPolicies":{},"templateLinks":[]})");
}

TEST_CASE("policy set: malformed JSON sets are refused") {
  const std::string policy = R"({"effect":"permit","principal":{"op":"All"},"action":{"op":"All"},)"
                             R"("resource":{"op":"All"},"conditions":[]})";
  const std::string slotted =
      R"({"effect":"permit","principal":{"op":"==","slot":"?principal"},"action":{"op":"All"},)"
      R"("resource":{"op":"All"},"conditions":[]})";
  const auto set = [](std::string_view templates, std::string_view policies,
                      std::string_view links) {
    return R"({"templates":)" + std::string(templates) + R"(,"staticPolicies":)" +
           std::string(policies) + R"(,"templateLinks":)" + std::string(links) + "}";
  };
  const auto link = [&](std::string_view members) {
    return set(R"({"t":)" + slotted + "}", R"({"p":)" + policy + "}",
               "[{" + std::string(members) + "}]");
  };
  const std::string ann = R"("values":{"?principal":{"type":"User","id":"ann"}})";
  struct Case {
    std::string_view name;
    std::string json;
    ErrorCode code;
  };
  const ErrorCode shape = ErrorCode::policy_json_shape;
  const Case cases[] = {
      {"no JSON", "{", ErrorCode::policy_json},
      {"a list", "[]", shape},
      {"no templates", R"({"staticPolicies":{},"templateLinks":[]})", shape},
      {"no policies", R"({"templates":{},"templateLinks":[]})", shape},
      {"no links", R"({"templates":{},"staticPolicies":{}})", shape},
      {"an unknown member", R"({"templates":{},"staticPolicies":{},"templateLinks":[],"links":[]})",
       shape},
      {"policies that are a list", set("{}", "[]", "[]"), shape},
      {"links that are an object", set("{}", "{}", "{}"), shape},
      {"an id twice", set("{}", R"({"p":)" + policy + R"(,"p":)" + policy + "}", "[]"),
       ErrorCode::policy_json},
      {"a template with the id of a policy",
       set(R"({"p":)" + slotted + "}", R"({"p":)" + policy + "}", "[]"),
       ErrorCode::policy_template_duplicate_id},
      {"a policy with a slot", set("{}", R"({"p":)" + slotted + "}", "[]"),
       ErrorCode::policy_template_unlinked},
      {"a template without a slot", set(R"({"p":)" + policy + "}", "{}", "[]"),
       ErrorCode::policy_not_a_template},
      {"a link without id", link(R"("templateId":"t",)" + ann), shape},
      {"a link without values", link(R"("templateId":"t","newId":"l")"), shape},
      {"a link with more", link(R"("templateId":"t","newId":"l","x":1,)" + ann), shape},
      {"a link to nothing", link(R"("templateId":"x","newId":"l",)" + ann),
       ErrorCode::policy_template_unknown},
      {"a link to a policy", link(R"("templateId":"p","newId":"l",)" + ann),
       ErrorCode::policy_template_unknown},
      {"a link with the id of its template", link(R"("templateId":"t","newId":"t",)" + ann),
       ErrorCode::policy_link_duplicate_id},
      {"a link without its slot", link(R"("templateId":"t","newId":"l","values":{})"),
       ErrorCode::policy_slot_missing},
      {"a link with another slot",
       link(R"("templateId":"t","newId":"l","values":{"?principal":{"type":"U","id":"a"},)"
            R"("?resource":{"type":"U","id":"a"}})"),
       ErrorCode::policy_slot_extra},
      {"a link with an unknown slot",
       link(R"("templateId":"t","newId":"l","values":{"?foo":{"type":"U","id":"a"}})"), shape},
      {"a link with text in its slot",
       link(R"("templateId":"t","newId":"l","values":{"?principal":"U::\"a\""})"), shape},
  };
  for (const Case& c : cases) {
    CAPTURE(c.name);
    const Result<PolicySet> read = PolicySet::from_json({"", c.json});
    CHECK((read ? ErrorCode::none : read.error().code) == c.code);
  }
  const Error error = PolicySet::from_json({"s.json",
                                            "{\"templates\": {},\n\"staticPolicies\": 1,\n"
                                            "\"templateLinks\": []}"})
                          .error();
  CHECK(error.text() == "s.json:2:19: wanted an object [policy_json_shape]");
}

TEST_CASE("policy set: merging") {
  PolicySet set = filled();
  SUBCASE("with itself and with its equal nothing changes") {
    CHECK(set.merge(set)->empty());
    CHECK(set.merge(filled())->empty());
    CHECK(set.size() == 4);
  }
  SUBCASE("what is new is added, with its texts and its names") {
    PolicySet other;
    REQUIRE(other.add("new",
                      "@why(\"x\") permit(principal, action == Action::\"a\", resource is D) "
                      "when { {a: \"t\"} has a && context.b like \"c*\" };"));
    REQUIRE(other.add_template("t", kOne));
    REQUIRE(other.link("t", "l", {Uid{"G", "x"}, {}}));
    const std::string json = *other.json("new");
    const std::string text = *other.text("new");
    REQUIRE(set.merge(other));
    other = PolicySet();
    CHECK(ids_of(set) == "static both one link new t l ");
    CHECK(*set.json("new") == json);
    CHECK(*set.text("new") == text);
    CHECK(set.find("l")->template_id == "t");
    CHECK(set.find("l")->values.principal->id == "x");
    CHECK(code_of(set.remove_template("t")) == ErrorCode::policy_template_linked);
    CHECK(code_of(set.unlink("l")) == ErrorCode::none);
    CHECK(code_of(set.remove_template("t")) == ErrorCode::none);
  }
  SUBCASE("what differs under one id is an error, which changes nothing") {
    struct Case {
      std::string_view name;
      PolicySet other;
      ErrorCode code;
    };
    Case cases[] = {
        {"another policy", {}, ErrorCode::policy_duplicate_id},
        {"a template with the id of a link", {}, ErrorCode::policy_template_duplicate_id},
        {"a link with another entity", filled(), ErrorCode::policy_link_duplicate_id}};
    REQUIRE(cases[0].other.add("new", kStatic));
    REQUIRE(cases[0].other.add("static", "forbid(principal, action, resource);"));
    REQUIRE(cases[1].other.add_template("link", kOne));
    REQUIRE(cases[2].other.unlink("link"));
    REQUIRE(cases[2].other.link("both", "link", {kPlan, kAnn}));
    for (const Case& c : cases) {
      CAPTURE(c.name);
      CHECK(set.merge(c.other).error().code == c.code);
      CHECK(ids_of(set) == "static both one link ");
    }
  }
  SUBCASE("links are compared by their entities, however long their template is") {
    const std::string body =
        "permit(principal == ?principal, action, resource) when { context.a == \"" +
        std::string(100'000, 'x') + "\" };";
    const auto linked = [&](std::size_t last) {
      PolicySet out;
      REQUIRE(out.add_template("t", body));
      for (std::size_t i = 0; i < 10; ++i) {
        REQUIRE(out.link("t", "l" + std::to_string(i), {Uid{"G", i == last ? "z" : "a"}, {}}));
      }
      return out;
    };
    PolicySet many = linked(99);
    const PolicySet equal = linked(99);
    const std::size_t before = test::allocated_bytes();
    CHECK(many.merge(equal)->empty());
    // The template is written for both sets; it was written for each link once more.
    CHECK(test::allocated_bytes() - before < 10 * body.size());
    CHECK(many.merge(linked(9)).error().code == ErrorCode::policy_link_duplicate_id);
    const auto renamed = many.merge(linked(9), true);
    REQUIRE(renamed);
    REQUIRE(renamed->size() == 1);
    CHECK((*renamed)[0].from == "l9");
    CHECK(many.find((*renamed)[0].to)->values.principal->id == "z");
  }
  SUBCASE("or gets an id that neither has") {
    PolicySet other;
    REQUIRE(other.add("policy0", kStatic));
    REQUIRE(other.add_template("both", kOne));
    REQUIRE(other.link("both", "link", {kAnn, {}}));
    const auto renamed = set.merge(other, true);
    REQUIRE(renamed);
    REQUIRE(renamed->size() == 2);
    CHECK((*renamed)[0].from == "both");
    CHECK((*renamed)[0].to == "policy1");
    CHECK((*renamed)[1].from == "link");
    CHECK((*renamed)[1].to == "policy2");
    CHECK(ids_of(set) == "static both one link policy0 policy1 policy2 ");
    CHECK(set.find("policy2")->template_id == "policy1");
    CHECK(set.find("policy2")->forbid);
    CHECK(!set.find("link")->forbid);
  }
}
