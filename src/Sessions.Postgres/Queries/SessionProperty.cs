namespace Sessions.Postgres.Queries;

/// <summary>What kind of value a property has.</summary>
public enum PropertyType
{
    Text,
    Number,

    /// <summary>Seconds with milliseconds.</summary>
    Seconds,
    Time,
    Boolean,
    Uuid,
}

/// <summary>One property of a session, as it is called outside and where its value is.</summary>
/// <param name="Name">The name in JSON, filters and orders: PostHog's.</param>
/// <param name="Column">The column of the views.</param>
/// <param name="Type">The kind of its value.</param>
/// <param name="Of">Takes it from a session of a grain: a string, int, decimal, DateTimeOffset, bool or Guid.</param>
/// <param name="Always">Whether every session has it.</param>
public sealed record SessionProperty(
    string Name, string Column, PropertyType Type, Func<Session, object?> Of, bool Always = false);
