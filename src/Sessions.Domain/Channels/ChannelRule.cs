namespace Sessions.Domain.Channels;

/// <summary>
/// A project's own rule: if its conditions hold, the visit's channel is <paramref name="ChannelType"/>. A rule without
/// conditions always holds.
/// </summary>
/// <param name="Id">An id that the caller chooses for the rule.</param>
/// <param name="Combiner"><c>AND</c>: all conditions must hold; <c>OR</c>: one is enough.</param>
/// <param name="Items">The conditions.</param>
/// <param name="ChannelType">The channel's name: a built-in channel or any other name.</param>
public sealed record ChannelRule(
    string Id, string Combiner, IReadOnlyList<ChannelCondition> Items, string ChannelType);

/// <summary>
/// A condition on one input, with PostHog's meaning. The value is compared as it was sent; letter case matters. The
/// condition holds if it holds for one of the <paramref name="Values"/>. That applies to the negated operators too, so
/// <c>is_not</c> with two values holds for nearly every input. A comparison without values is ignored.
/// </summary>
/// <param name="Key">One of <see cref="ChannelRules.Keys"/>.</param>
/// <param name="Op">One of <see cref="ChannelRules.Operators"/>.</param>
/// <param name="Values">The values to compare with; <c>is_set</c> and <c>is_not_set</c> ignore them.</param>
public sealed record ChannelCondition(string Key, string Op, IReadOnlyList<string> Values);
