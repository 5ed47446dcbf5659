// The detectors that are there without settings. Prefixes, lengths and keywords are facts published
// by the issuers and collected in gitleaks v8.30 (MIT licence); the patterns are our own.
// Tested by tests/audit/detectors_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "audit/detectors.hpp"

namespace mcpgov::audit {

namespace {

// Quotes and brackets that close a name, an operator, and what opens the value; quotes may be
// escaped, as in JSON inside of a text.
#define MCPGOV_ASSIGN R"re(["'\\\])]{0,6}\s{0,4}(?::=|=>|==?|:|\|\|)\s{0,4}\\*)re"

std::vector<DetectorRow> tokens() {
  return {
      {"aws-access-token",
       "(?:A3T[A-Z0-9]|AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}",
       {"A3T", "AKIA", "ASIA", "ABIA", "ACCA"},
       false,
       token_follows,
       3},
      {"github-token",
       "(?:gh[pousr]_[0-9A-Za-z]{36,255}|github_pat_[0-9A-Za-z_]{22,255})",
       {"ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"},
       false,
       token_follows,
       3},
      {"gitlab-token",
       "gl(?:pat|dt|rt|ptt|cbt|ft|oas)-[0-9A-Za-z_.-]{20,300}",
       {"glpat-", "gldt-", "glrt-", "glptt-", "glcbt-", "glft-", "gloas-"},
       false,
       token_follows,
       3},
      {"anthropic-api-key",
       "sk-ant-[a-z]{3,8}[0-9]{2}-[A-Za-z0-9_-]{80,200}",
       {"sk-ant-"},
       false,
       token_follows},
      {"openai-api-key",
       "sk-[A-Za-z0-9_-]{16,200}T3BlbkFJ[A-Za-z0-9_-]{16,200}",
       {"T3BlbkFJ"},
       false,
       token_follows,
       3,
       nullptr,
       212,
       220},
      {"slack-token",
       "(?:xox[abeoprs]-[0-9A-Za-z-]{10,250}|xapp-[0-9]-[0-9A-Za-z-]{10,250})",
       {"xoxa-", "xoxb-", "xoxe-", "xoxo-", "xoxp-", "xoxr-", "xoxs-", "xapp-"},
       false,
       token_follows,
       2},
      {"slack-webhook",
       R"re(hooks\.slack\.com/(?:services|workflows|triggers)/([A-Za-z0-9+/]{20,120}))re",
       {"hooks.slack.com"}},
      {"stripe-key",
       "(?:(?:sk|rk)_(?:test|live|prod)_[0-9A-Za-z]{10,250}|whsec_[0-9A-Za-z+/=]{24,100})",
       {"sk_test_", "sk_live_", "sk_prod_", "rk_test_", "rk_live_", "rk_prod_", "whsec_"},
       false,
       token_follows,
       2},
      {"google-api-key", R"re(AIza[\w-]{35})re", {"AIza"}, false, token_follows, 3.5},
      {"google-oauth",
       R"re((?:ya29\.[\w-]{20,}|GOCSPX-[\w-]{20,40}))re",
       {"ya29.", "GOCSPX-"},
       false,
       token_follows,
       3},
      {"azure-client-secret",
       "[a-zA-Z0-9_~.]{3}[0-9]Q~[a-zA-Z0-9_~.-]{31,34}",
       {"0Q~", "1Q~", "2Q~", "3Q~", "4Q~", "5Q~", "6Q~", "7Q~", "8Q~", "9Q~"},
       false,
       token_follows,
       3,
       nullptr,
       4,
       40},
      {"npm-token", "npm_[0-9A-Za-z]{36}", {"npm_"}, false, token_follows, 2},
      {"huggingface-token", "hf_[0-9A-Za-z]{34,64}", {"hf_"}, false, token_follows, 2},
      {"sendgrid-api-key",
       R"re(SG\.[\w-]{16,32}\.[\w-]{16,64})re",
       {"SG."},
       false,
       token_follows,
       3},
      {"digitalocean-token",
       "do[opr]_v1_[0-9a-f]{64}",
       {"doo_v1_", "dop_v1_", "dor_v1_"},
       false,
       token_follows},
      {"pypi-token", R"re(pypi-AgEIcHlwaS[\w-]{50,})re", {"pypi-AgEIcHlwaS"}},
      {"shopify-token",
       "shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}",
       {"shpat_", "shpca_", "shppa_", "shpss_"},
       false,
       token_follows},
      {"vault-token",
       R"re(hv[sbr]\.[\w-]{24,500})re",
       {"hvs.", "hvb.", "hvr."},
       false,
       token_follows,
       3},
      {"databricks-token", "dapi[0-9a-f]{32}", {"dapi"}, false, token_follows, 3},
      {"age-secret-key", "AGE-SECRET-KEY-1[0-9A-Z]{58}", {"AGE-SECRET-KEY-1"}},
      // The first byte of a header's JSON is `{`, the second one `"` or white space.
      {"jwt",
       R"re((?:eyJ|eyAi|ewog|ew0K)[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]*\.[A-Za-z0-9_.-]*)re",
       {"eyJ", "eyAi", "ewog", "ew0K"},
       false,
       token_follows,
       3},
      // One without its end was cut off: everything that follows may belong to it.
      {"private-key",
       R"re(----[- ]BEGIN[ A-Z0-9_-]{0,100}PRIVATE KEY(?: BLOCK)?[- ]----)re"
       R"re((?s:.*?)(?:[-]{4}[- ]END[ A-Z0-9_-]{0,100}PRIVATE KEY(?: BLOCK)?[- ]----|\z))re",
       {"-----BEGIN", "---- BEGIN"}},
      {"signed-url",
       "(?i)(?:sig|x-amz-signature|x-goog-signature)=([0-9a-z%/+=_-]{32,})",
       {"sig=", "x-amz-signature=", "x-goog-signature="},
       true,
       token_follows},
  };
}

std::vector<DetectorRow> credentials() {
  return {
      {"bearer-token",
       R"re((?i)bearer[ \t]{1,8}([a-z0-9._~+/-]{16,}=*))re",
       {"bearer"},
       true,
       bearer_follows,
       3,
       is_mixed},
      {"basic-credentials",
       "(?i)basic[ \\t]{1,8}([a-z0-9+/]{6,}={0,2})",
       {"basic"},
       true,
       basic_follows,
       0,
       is_basic_credentials},
      // The password may hold what should have been encoded, an @ too.
      {"url-password",
       R"re(://[^\s:/?#@"'<>]{0,256}:([^\s"'<>]{1,512})@)re",
       {"://"},
       false,
       user_follows,
       0,
       is_no_port},
      {"cookie",
       R"re((?i)cookie2?["'\\]{0,4}\s{0,4}:\s{0,4}([^\r\n]+))re",
       {"cookie"},
       true,
       value_follows,
       0,
       is_value},
      {"password",
       "(?i)(?:passw(?:or)?d|passphrase|passcode|pwd)" MCPGOV_ASSIGN
       R"re((?:"((?:[^"\\\r\n]|\\.)+)|'((?:[^'\\\r\n]|\\.)+)|([^\s"'\\&;,<>{}()\[\]]{3,})))re",
       {"passw", "passphrase", "passcode", "pwd"},
       true,
       value_follows,
       0,
       is_value},
      {"account-key",
       "(?i)(?:accountkey|sharedaccesskey|sharedsecret)=([a-z0-9+/=_%-]{16,})",
       {"accountkey=", "sharedaccesskey=", "sharedsecret="},
       true},
      {"generic-secret",
       R"re((?i)(?:key|token|secret|credential|auth)[\w.-]{0,20})re" MCPGOV_ASSIGN
       R"re((?:"([^"\\\s]{10,})|'([^'\\\s]{10,})|([\w.=+/~-]{10,})))re",
       {"key", "token", "secret", "credential", "auth"},
       true,
       key_value_follows,
       3.5,
       is_mixed},
      {"email",
       R"re([a-zA-Z0-9._%+-]{1,64}@(?:[a-zA-Z0-9-]{1,63}\.){1,8}[a-zA-Z]{2,24})re",
       {},
       false,
       address_around,
       0,
       nullptr,
       64,
       320},
  };
}

#undef MCPGOV_ASSIGN

}  // namespace

const std::vector<DetectorRow>& detector_rows() {
  static const std::vector<DetectorRow> rows = [] {
    std::vector<DetectorRow> out = tokens();
    for (DetectorRow& each : credentials()) out.push_back(std::move(each));
    return out;
  }();
  return rows;
}

}  // namespace mcpgov::audit
