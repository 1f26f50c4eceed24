using Sessions.Domain.Channels;

namespace Sessions.Domain.Tests.Channels;

/// <summary>A project's own channel rules: what each operator means, and which rules are refused.</summary>
public sealed class ChannelRulesTests
{
    private const string Own = "Our partners";

    [Theory]
    // op, values ("," between them), the input's value ("-" for none), holds, because
    [InlineData("exact", "acme", "acme", true, "the same")]
    [InlineData("exact", "acme", "Acme", false, "case counts")]
    [InlineData("exact", "acme", "acme2", false, "the whole value")]
    [InlineData("exact", "acme,zeta", "zeta", true, "one of the list is enough")]
    [InlineData("exact", "acme", "-", false, "absent is equal to nothing")]
    [InlineData("is_not", "acme", "zeta", true, "another")]
    [InlineData("is_not", "acme", "acme", false, "the same")]
    [InlineData("is_not", "acme", "Acme", true, "case counts")]
    [InlineData("is_not", "acme,zeta", "acme", true, "it is not zeta: one of the list is enough here too")]
    [InlineData("is_not", "acme", "-", true, "absent is not it")]
    [InlineData("is_set", "", "acme", true, "there is one, and no value to compare is needed")]
    [InlineData("is_set", "", "-", false, "there is none")]
    [InlineData("is_not_set", "", "-", true, "there is none")]
    [InlineData("is_not_set", "", "acme", false, "there is one")]
    [InlineData("icontains", "CM", "acme", true, "a part, in any case")]
    [InlineData("icontains", "x", "acme", false, "no part")]
    [InlineData("icontains", "x,me", "acme", true, "one of the list is enough")]
    [InlineData("icontains", "a%e", "acme", false, "a percent sign is a percent sign")]
    [InlineData("icontains", "x", "-", false, "absent contains nothing")]
    [InlineData("not_icontains", "x", "acme", true, "no part")]
    [InlineData("not_icontains", "CM", "acme", false, "a part, in any case")]
    [InlineData("not_icontains", "CM,x", "acme", true, "it has no x: one of the list is enough")]
    [InlineData("not_icontains", "x", "-", true, "absent contains nothing")]
    [InlineData("regex", "c.e", "acme", true, "anywhere in the value")]
    [InlineData("regex", "^c", "acme", false, "anchors hold")]
    [InlineData("regex", "ACME", "acme", false, "case counts")]
    [InlineData("regex", "(?i)ACME", "acme", true, "unless the expression says otherwise")]
    [InlineData("regex", "x,^a", "acme", true, "one of the list is enough")]
    [InlineData("regex", ".*", "-", false, "absent matches nothing")]
    [InlineData("not_regex", "^c", "acme", true, "no match")]
    [InlineData("not_regex", "c.e", "acme", false, "a match")]
    [InlineData("not_regex", "c.e,x", "acme", true, "x does not match: one of the list is enough")]
    [InlineData("not_regex", ".*", "-", true, "absent matches nothing")]
    public void An_operator_tests_the_value_as_sent(string op, string values, string value, bool holds, string because)
    {
        ChannelRules rules = Rules(Rule("AND", new ChannelCondition(
            "utm_source", op, values.Split(',', StringSplitOptions.RemoveEmptyEntries))));
        var input = new ChannelInput { UtmSource = value == "-" ? null : value };

        Assert.True(holds == (Decide(input, rules) == Own), because);
    }

    [Theory]
    [InlineData("utm_source")]
    [InlineData("utm_medium")]
    [InlineData("utm_campaign")]
    [InlineData("referring_domain")]
    [InlineData("url")]
    [InlineData("pathname")]
    [InlineData("hostname")]
    public void A_condition_reads_the_channel_input_that_its_key_names(string key)
    {
        var input = new ChannelInput
        {
            UtmSource = "utm_source",
            UtmMedium = "utm_medium",
            UtmCampaign = "utm_campaign",
            ReferringDomain = "referring_domain",
            Url = "url",
            Pathname = "pathname",
            Hostname = "hostname",
        };

        Assert.Equal(Own, Decide(input, Rules(Rule("AND", Exact(key, key)))));
        Assert.Equal(Own, Decide(new ChannelInput(), Rules(Rule("AND", new ChannelCondition(key, "is_not_set", [])))));
    }

    [Theory]
    [InlineData("AND", "acme", "cpc", true)]
    [InlineData("AND", "acme", "email", false)]
    [InlineData("AND", "zeta", "email", false)]
    [InlineData("OR", "acme", "email", true)]
    [InlineData("OR", "zeta", "cpc", true)]
    [InlineData("OR", "zeta", "email", false)]
    public void AND_needs_all_conditions_to_hold_and_OR_needs_one(
        string combiner, string source, string medium, bool holds)
    {
        ChannelRules rules = Rules(Rule(combiner, Exact("utm_source", "acme"), Exact("utm_medium", "cpc")));

        Assert.Equal(holds, Decide(new ChannelInput { UtmSource = source, UtmMedium = medium }, rules) == Own);
    }

    [Theory]
    [InlineData("AND")]
    [InlineData("OR")]
    public void A_comparison_without_values_is_skipped(string combiner)
    {
        ChannelRules one = Rules(Rule(combiner, new ChannelCondition("utm_source", "exact", []), Exact("utm_medium", "cpc")));
        ChannelRules none = Rules(Rule(combiner, new ChannelCondition("utm_source", "exact", [])));

        Assert.Equal(Own, Decide(new ChannelInput { UtmMedium = "cpc" }, one));
        Assert.NotEqual(Own, Decide(new ChannelInput { UtmMedium = "email" }, one));
        Assert.Equal(Own, Decide(new ChannelInput(), none));
    }

    [Fact]
    public void A_rule_without_conditions_always_holds() =>
        Assert.Equal(Own, Decide(new ChannelInput(), Rules(Rule("OR"))));

    [Fact]
    public void The_first_custom_rule_that_matches_wins_over_the_built_in_rules()
    {
        ChannelRules rules = Rules(
            new ChannelRule("1", "AND", [Exact("utm_source", "zeta")], "First"),
            new ChannelRule("2", "AND", [Exact("utm_source", "acme")], "Second"),
            new ChannelRule("3", "AND", [Exact("utm_source", "acme")], "Third"));
        var input = new ChannelInput { UtmSource = "acme", UtmCampaign = "cross-network", Gclid = "x" };

        Assert.Equal("Second", Decide(input, rules));
        Assert.Equal("Cross Network", Decide(input with { UtmSource = "other" }, rules));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    public void An_empty_value_and_the_word_null_are_absent(string absent)
    {
        ChannelRules rules = Rules(Rule("AND", new ChannelCondition("utm_source", "is_set", [])));

        Assert.NotEqual(Own, Decide(new ChannelInput { UtmSource = absent }, rules));
    }

    [Fact]
    public void An_expression_that_would_explode_runs_in_linear_time()
    {
        ChannelRules rules = Rules(Rule("AND", new ChannelCondition("url", "regex", ["^(a+)+$"])));

        Assert.NotEqual(Own, Decide(new ChannelInput { Url = new string('a', 20_000) + "!" }, rules));
    }

    [Theory]
    [InlineData("regex", "(", "channel_rules[1].items[1].value is no regular expression")]
    [InlineData("not_regex", "[a", "channel_rules[1].items[1].value is no regular expression")]
    [InlineData("regex", "(?=a)", "channel_rules[1].items[1].value is a regular expression that can't run in linear time")]
    [InlineData("regex", @"(a)\1", "channel_rules[1].items[1].value is a regular expression that can't run in linear time")]
    [InlineData("regex", "(a{1000}){1000}", "channel_rules[1].items[1].value is a regular expression that can't run in linear time")]
    [InlineData("like", "a", "channel_rules[1].items[1].op must be one of exact,")]
    [InlineData("exact", null, "channel_rules[1].items[1].value must hold texts")]
    public void A_bad_condition_is_named_by_rule_and_field(string op, string? value, string problem)
    {
        ChannelRule[] rules =
        [
            Rule("AND"),
            new("2", "AND", [Exact("url", "a"), new ChannelCondition("url", op, [value!])], Own),
        ];

        Assert.StartsWith(problem, Assert.Single(Problems(rules)));
        Assert.StartsWith(problem, Assert.Throws<ArgumentException>(() => new ChannelRules(rules)).Message);
    }

    [Fact]
    public void Every_invalid_field_of_a_rule_gets_an_error_with_its_path()
    {
        ChannelCondition[] crowd = Enumerable.Repeat(Exact("url", "a"), ChannelRules.MaxItems + 1).ToArray();

        Assert.Equal(
            [
                "channel_rules[0].id must be a text of 1 to 100 characters, none of them a control character",
                "channel_rules[0].channel_type must be a text of 1 to 100 characters, none of them a control character",
                "channel_rules[0].combiner must be one of AND, OR",
                "channel_rules[0].items must be a list",
                "channel_rules[1].items[0].key must be one of utm_source, utm_medium, utm_campaign, referring_domain, url, pathname, hostname",
                "channel_rules[1].items[1] must be an object",
                "channel_rules[1].items[2].value must be a text or a list of texts",
                "channel_rules[2] must be an object",
                "channel_rules[3].items has 51 conditions; at most 50 are allowed",
                "channel_rules[3].id is \"1\", as another rule's is",
            ],
            Problems([
                new("", "and", null!, " "),
                new("1", "OR", [Exact("utm_term", "a"), null!, new("url", "exact", null!)], Own),
                null!,
                new("1", "OR", crowd, Own),
            ]));
    }

    [Fact]
    public void Rules_at_every_limit_are_accepted()
    {
        string longest = new('x', ChannelRules.MaxValueLength);
        string name = new('n', ChannelRules.MaxNameLength);
        ChannelCondition[] crowd = [.. Enumerable.Repeat(Exact("url", longest), ChannelRules.MaxItems)];
        var values = new ChannelCondition("url", "exact", [.. Enumerable.Repeat("(", ChannelRules.MaxValues)]);

        Assert.Empty(Problems([new(name, "OR", crowd, name), new("2", "AND", [values], Own)]));
        Assert.Equal(
            [
                "channel_rules[0].id must be a text of 1 to 100 characters, none of them a control character",
                "channel_rules[0].channel_type must be a text of 1 to 100 characters, none of them a control character",
                "channel_rules[0].items[0].value must hold texts of at most 1000 characters",
                "channel_rules[0].items[1].value has 501 values; at most 500 are allowed",
            ],
            Problems([new(name + "n", "OR", [Exact("url", longest + "x"), values with { Values = [.. values.Values, "a"] }], name + "n")]));
    }

    [Fact]
    public void An_expression_that_cannot_run_in_linear_time_is_refused_with_the_reason() =>
        Assert.Equal(
            [
                "channel_rules[0].items[0].value is a regular expression that can't run in linear time:"
                    + " look-around, back-references and very large repetitions are not supported",
            ],
            Problems([Rule("AND", new ChannelCondition("url", "not_regex", ["(?=a)"]))]));

    [Fact]
    public void Too_many_rules_or_expressions_are_refused_with_one_error()
    {
        ChannelRule[] rules = Enumerable.Range(0, ChannelRules.MaxRules + 1)
            .Select(i => new ChannelRule($"{i}", "AND", [], Own))
            .ToArray();
        var patterns = new ChannelCondition("url", "regex", Enumerable.Repeat("a", ChannelRules.MaxExpressions).ToArray());

        Assert.Equal(["channel_rules has 101 rules; at most 100 are allowed"], Problems(rules));
        Assert.Empty(Problems(rules[1..]));
        Assert.Empty(Problems([Rule("AND", patterns)]));
        Assert.Equal(
            ["channel_rules has 1000 regular expressions; at most 500 are allowed"],
            Problems([Rule("AND", patterns with { Op = "not_regex" }, patterns with { Op = "not_regex" })]));
        Assert.Equal(
            ["channel_rules has 1000 regular expressions; at most 500 are allowed"], Problems([Rule("AND", patterns, patterns)]));
    }

    private static ChannelRules Rules(params ChannelRule[] rules) => new(rules);

    private static ChannelRule Rule(string combiner, params ChannelCondition[] items) => new("1", combiner, items, Own);

    private static ChannelCondition Exact(string key, string value) => new(key, "exact", [value]);

    private static string Decide(ChannelInput input, ChannelRules rules) =>
        ChannelType.Decide(input, new ChannelSettings { Rules = rules });

    private static IEnumerable<string> Problems(ChannelRule[] rules) =>
        ChannelRuleCheck.Problems(rules).Select(problem => $"{problem.Field} {problem.Message}");
}
