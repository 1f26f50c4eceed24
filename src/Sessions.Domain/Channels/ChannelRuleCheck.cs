namespace Sessions.Domain.Channels;

/// <summary>Validates channel rules before they are stored.</summary>
public static class ChannelRuleCheck
{
    /// <summary>
    /// Returns every problem with its field; empty when the rules are valid. Accepts nulls anywhere, because the rules
    /// come from a caller's JSON.
    /// </summary>
    public static IEnumerable<SettingProblem> Problems(IReadOnlyList<ChannelRule?> rules)
    {
        const string field = "channel_rules";
        if (rules.Count > ChannelRules.MaxRules)
        {
            return [new SettingProblem(field, $"has {rules.Count} rules; at most {ChannelRules.MaxRules} are allowed")];
        }

        int expressions = rules.SelectMany(rule => rule?.Items ?? [])
            .Where(item => item?.Op is "regex" or "not_regex")
            .Sum(item => item.Values?.Count ?? 0);
        if (expressions > ChannelRules.MaxExpressions)
        {
            return [new SettingProblem(
                field, $"has {expressions} regular expressions; at most {ChannelRules.MaxExpressions} are allowed")];
        }

        return rules
            .SelectMany((rule, i) => OfRule($"{field}[{i}]", rule))
            .Concat(TwinIds(field, rules));
    }

    private static IEnumerable<SettingProblem> TwinIds(string field, IReadOnlyList<ChannelRule?> rules)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (int i = 0; i < rules.Count; i++)
        {
            if (rules[i]?.Id is { Length: > 0 } id && !seen.Add(id))
            {
                yield return new SettingProblem($"{field}[{i}].id", $"is \"{id}\", as another rule's is");
            }
        }
    }

    private static List<SettingProblem> OfRule(string field, ChannelRule? rule)
    {
        if (rule is null)
        {
            return [new SettingProblem(field, "must be an object")];
        }

        var problems = new List<SettingProblem>();
        if (!IsName(rule.Id))
        {
            problems.Add(new($"{field}.id", NameExpected));
        }

        if (!IsName(rule.ChannelType))
        {
            problems.Add(new($"{field}.channel_type", NameExpected));
        }

        if (!ChannelRules.Combiners.Contains(rule.Combiner))
        {
            problems.Add(new($"{field}.combiner", OneOf(ChannelRules.Combiners)));
        }

        if (rule.Items is null)
        {
            problems.Add(new($"{field}.items", "must be a list"));
        }
        else if (rule.Items.Count > ChannelRules.MaxItems)
        {
            problems.Add(new(
                $"{field}.items", $"has {rule.Items.Count} conditions; at most {ChannelRules.MaxItems} are allowed"));
        }
        else
        {
            problems.AddRange(rule.Items.SelectMany((item, i) => OfItem($"{field}.items[{i}]", item)));
        }

        return problems;
    }

    private static IEnumerable<SettingProblem> OfItem(string field, ChannelCondition? item)
    {
        if (item is null)
        {
            yield return new SettingProblem(field, "must be an object");
            yield break;
        }

        if (!ChannelRules.Keys.Contains(item.Key))
        {
            yield return new SettingProblem($"{field}.key", OneOf(ChannelRules.Keys));
        }

        if (!ChannelRules.Operators.Contains(item.Op))
        {
            yield return new SettingProblem($"{field}.op", OneOf(ChannelRules.Operators));
        }

        if (item.Values is null)
        {
            yield return new SettingProblem($"{field}.value", "must be a text or a list of texts");
        }
        else if (item.Values.Count > ChannelRules.MaxValues)
        {
            yield return new SettingProblem(
                $"{field}.value", $"has {item.Values.Count} values; at most {ChannelRules.MaxValues} are allowed");
        }
        else
        {
            foreach (string? value in item.Values)
            {
                if (OfValue(item.Op, value) is { } message)
                {
                    yield return new SettingProblem($"{field}.value", message);
                }
            }
        }
    }

    private static string? OfValue(string op, string? value)
    {
        if (value is null || value.Length > ChannelRules.MaxValueLength)
        {
            return $"must hold texts of at most {ChannelRules.MaxValueLength} characters";
        }

        if (op is not ("regex" or "not_regex"))
        {
            return null;
        }

        try
        {
            ChannelRules.Expression(value);
            return null;
        }
        catch (NotSupportedException)
        {
            return "is a regular expression that can't run in linear time:"
                + " look-around, back-references and very large repetitions are not supported";
        }
        catch (ArgumentException exception)
        {
            return $"is no regular expression: {exception.Message}";
        }
    }

    private static readonly string NameExpected =
        $"must be a text of 1 to {ChannelRules.MaxNameLength} characters, none of them a control character";

    // The channel is stored in the session's row: for a name with a NUL, Postgres would refuse the whole session.
    private static bool IsName(string? text) =>
        !string.IsNullOrWhiteSpace(text) && text.Length <= ChannelRules.MaxNameLength && PlainText.IsPlain(text);

    private static string OneOf(IEnumerable<string> words) => $"must be one of {string.Join(", ", words)}";
}
