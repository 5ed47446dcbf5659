// Random schemas with policies, entities and requests that mostly fit them. For differential tests:
// what matters is that right and wrong are both frequent, and close to each other.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "support/random_cedar.hpp"

namespace mcpgov::policy::cedar {

// The model a schema is written from, and policies, entities and requests are made to fit.
class RandomSchema {
 public:
  explicit RandomSchema(Choices choices);

  // In Cedar syntax; sometimes with a mistake (then nothing made from the model need fit).
  std::string schema();
  std::string policy();
  std::string entities_json();

  struct Uid {
    std::string type;
    std::string id;
  };
  struct Request {
    Uid principal;
    Uid action;
    Uid resource;
    std::string context;  // JSON
  };
  Request request();

  Choices& choices() { return choices_; }

 private:
  enum class Kind { truth, number, text, decimal, ip, datetime, duration, set, record, entity };
  struct Attribute;
  struct Type {
    Kind kind = Kind::truth;
    std::vector<Type> element;          // set: one
    std::vector<Attribute> attributes;  // record
    std::size_t entity = 0;             // in entities_
    bool common = false;                // written by the name of the common type
  };
  struct Attribute {
    std::string name;
    bool required = true;
    Type type;
  };
  struct Entity {
    std::string space;  // namespace, or empty
    std::string name;
    std::vector<std::size_t> parents;
    std::vector<Attribute> attributes;
    std::vector<Type> tags;  // none or one
    bool enumerated = false;

    std::string full() const { return space.empty() ? name : space + "::" + name; }
  };
  struct Action {
    std::string space;
    std::string id;
    std::vector<std::size_t> parents;  // in actions_, earlier ones
    bool applies = true;
    std::vector<std::size_t> principals;
    std::vector<std::size_t> resources;
    std::vector<Attribute> context;

    std::string type() const { return space.empty() ? "Action" : space + "::Action"; }
  };
  // Where a value of some type can be read: `context.a.b`, with what has to be checked before.
  struct Path {
    std::string text;
    std::string guard;  // empty: nothing
    const Type* type;
  };

  // random_schema.cpp: the model and its text.
  void make_entities();
  void make_actions();
  Type type(int depth);
  std::vector<Attribute> attributes(int depth, std::uint32_t most);
  std::string type_text(const Type& type, const std::string& space);
  std::string attributes_text(const std::vector<Attribute>& attributes, const std::string& space);
  std::string entity_text(const Entity& entity);
  std::string action_text(const Action& action);
  std::string entity_name(std::size_t entity, const std::string& space);
  std::string entity_names(const std::vector<std::size_t>& list, const std::string& space);
  std::string commons_text(const std::string& space);
  std::string mistaken(std::string text);

  // random_typed.cpp: what fits the model.
  void enter_environment();
  void add_paths(const std::string& text, const std::string& guard,
                 const std::vector<Attribute>& attributes, int depth);
  std::string scope(std::string_view variable, std::size_t entity);
  std::string action_scope();
  std::string expr(const Type& type, int depth);
  std::string exact(const Type& type, int depth);
  std::string truth(int depth);
  std::string comparison(int depth);
  std::string hierarchy(int depth);
  std::string extension(Kind kind, int depth);
  std::string set_test(int depth);
  std::string tag_test(int depth);
  std::string uid_text(std::size_t entity);
  std::string entity_id(std::size_t entity);
  std::string path_of(const Type& type);
  Type any_type(int depth);
  std::string value_json(const Type& type, int depth);
  std::string record_json(const std::vector<Attribute>& attributes, int depth);
  bool rarely() { return choices_.one_in(64); }

  Choices choices_;
  std::vector<std::string> spaces_;
  std::vector<Entity> entities_;
  std::vector<Action> actions_;
  // What `type` names there are: a common type of the first namespace.
  std::vector<Attribute> commons_;

  // The environment policies are being written for.
  std::size_t action_ = 0;
  std::size_t principal_ = 0;
  std::size_t resource_ = 0;
  std::vector<Path> paths_;
};

// A schema of few names that mean many things, with no care for what is valid: for the order in
// which names are resolved, and the errors of that.
std::string wild_schema(Choices& choices);

}  // namespace mcpgov::policy::cedar
