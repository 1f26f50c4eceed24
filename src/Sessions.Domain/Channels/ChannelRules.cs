using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace Sessions.Domain.Channels;

/// <summary>A project's compiled channel rules. They are checked in order; the first that holds decides.</summary>
/// <remarks>
/// Operators: <c>exact</c> and <c>is_not</c> compare with case, <c>icontains</c> and <c>not_icontains</c> without,
/// <c>regex</c> and <c>not_regex</c> search anywhere in the value, with case. A missing value matches no plain operator
/// and every negated one. Regular expressions run on .NET's non-backtracking engine, whose time is linear in the length
/// of the text. It does not support look-around and back-references (neither does PostHog's engine).
/// </remarks>
public sealed class ChannelRules
{
    public const int MaxRules = 100;
    public const int MaxItems = 50;
    public const int MaxValues = 500;
    public const int MaxValueLength = 1_000;
    public const int MaxNameLength = 100;

    /// <summary>
    /// The most regular expressions in all rules together, because each one is compiled and kept in memory.
    /// </summary>
    public const int MaxExpressions = 500;

    /// <summary>A second safeguard besides the linear engine. An expression that takes longer does not match.</summary>
    private static readonly TimeSpan MatchTimeout = TimeSpan.FromSeconds(1);

    /// <summary>The keys of the inputs that a condition can test.</summary>
    public static readonly ImmutableArray<string> Keys =
        ["utm_source", "utm_medium", "utm_campaign", "referring_domain", "url", "pathname", "hostname"];

    public static readonly ImmutableArray<string> Operators =
        ["exact", "is_not", "is_set", "is_not_set", "icontains", "not_icontains", "regex", "not_regex"];

    public static readonly ImmutableArray<string> Combiners = ["AND", "OR"];

    public static readonly ChannelRules None = new([]);

    private readonly ImmutableArray<CompiledRule> rules;

    /// <summary>Compiles rules in which <see cref="ChannelRuleCheck"/> finds no problem.</summary>
    /// <exception cref="ArgumentException">The rules are invalid.</exception>
    public ChannelRules(IReadOnlyList<ChannelRule> rules)
    {
        if (ChannelRuleCheck.Problems(rules).FirstOrDefault() is { } problem)
        {
            throw new ArgumentException($"{problem.Field} {problem.Message}", nameof(rules));
        }

        this.rules = [.. rules.Select(rule => new CompiledRule(
            rule.Combiner == "AND",
            [.. rule.Items.Where(IsEffective).Select(Compile)],
            rule.ChannelType))];
    }

    /// <summary>The channel of the first rule that holds, or null.</summary>
    internal string? Match(ChannelInput input, string? referringDomain)
    {
        foreach (CompiledRule rule in rules)
        {
            if (rule.Holds(input, referringDomain))
            {
                return rule.ChannelType;
            }
        }

        return null;
    }

    /// <summary>Compiles an expression. A dot matches line breaks too, as in PostHog's engine.</summary>
    /// <exception cref="ArgumentException">The pattern is not a regular expression.</exception>
    /// <exception cref="NotSupportedException">The expression needs backtracking or is too large.</exception>
    internal static Regex Expression(string pattern) =>
        new(
            pattern,
            RegexOptions.NonBacktracking | RegexOptions.Singleline | RegexOptions.CultureInvariant,
            MatchTimeout);

    private static bool IsEffective(ChannelCondition item) =>
        item.Values.Count > 0 || item.Op is "is_set" or "is_not_set";

    private static CompiledCondition Compile(ChannelCondition item) => new(item.Key, Test(item));

    private static Func<string?, bool> Test(ChannelCondition item)
    {
        string[] values = [.. item.Values];
        switch (item.Op)
        {
            case "is_set":
                return text => text is not null;
            case "is_not_set":
                return text => text is null;
            case "exact":
                return text => text is not null && values.Any(value => text == value);
            case "is_not":
                return text => text is null || values.Any(value => text != value);
            case "icontains":
                return text => text is not null && values.Any(value => Contains(text, value));
            case "not_icontains":
                return text => text is null || values.Any(value => !Contains(text, value));
        }

        Regex[] expressions = [.. values.Select(Expression)];
        return item.Op switch
        {
            "regex" => text => text is not null && expressions.Any(expression => IsMatch(expression, text)),
            "not_regex" => text => text is null || expressions.Any(expression => !IsMatch(expression, text)),
            _ => throw new ArgumentOutOfRangeException(nameof(item), item.Op, "no operator"),
        };
    }

    private static bool Contains(string text, string value) => text.Contains(value, StringComparison.OrdinalIgnoreCase);

    private static bool IsMatch(Regex expression, string text)
    {
        try
        {
            return expression.IsMatch(text);
        }
        catch (RegexMatchTimeoutException)
        {
            return false;
        }
    }

    private sealed record CompiledCondition(string Key, Func<string?, bool> Test)
    {
        public bool Holds(ChannelInput input, string? referringDomain) => Test(ChannelInput.Present(Key switch
        {
            "utm_source" => input.UtmSource,
            "utm_medium" => input.UtmMedium,
            "utm_campaign" => input.UtmCampaign,
            "referring_domain" => referringDomain,
            "url" => input.Url,
            "pathname" => input.Pathname,
            "hostname" => input.Hostname,
            _ => throw new InvalidOperationException($"'{Key}' is no key."),
        }));
    }

    private sealed record CompiledRule(bool All, ImmutableArray<CompiledCondition> Items, string ChannelType)
    {
        public bool Holds(ChannelInput input, string? referringDomain) =>
            Items.IsEmpty
            || (All
                ? Items.All(item => item.Holds(input, referringDomain))
                : Items.Any(item => item.Holds(input, referringDomain)));
    }
}
