namespace Sessions.Domain.Channels;

/// <summary>
/// A project's own rule: when its conditions hold, the visit's channel is <paramref name="ChannelType"/>. A rule
/// without conditions always holds.
/// </summary>
/// <param name="Id">The caller's name for the rule.</param>
/// <param name="Combiner"><c>AND</c>: all conditions must hold; <c>OR</c>: one is enough.</param>
/// <param name="Items">The conditions.</param>
/// <param name="ChannelType">Any name, a built-in channel's too.</param>
public sealed record ChannelRule(
    string Id, string Combiner, IReadOnlyList<ChannelCondition> Items, string ChannelType);

/// <summary>
/// A test of one input, with PostHog's meaning: what is compared is the value as sent, case and all; of several
/// <paramref name="Values"/> one must pass, for the negated operators too, so <c>is_not</c> with two values holds for
/// nearly everything; without values a comparison is skipped, as if it were not there.
/// </summary>
/// <param name="Key">One of <see cref="ChannelRules.Keys"/>.</param>
/// <param name="Op">One of <see cref="ChannelRules.Operators"/>.</param>
/// <param name="Values">What to compare with; <c>is_set</c> and <c>is_not_set</c> do not look at it.</param>
public sealed record ChannelCondition(string Key, string Op, IReadOnlyList<string> Values);
