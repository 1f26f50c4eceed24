namespace Sessions.Database.Properties;

/// <summary>The type of a property's value.</summary>
public enum PropertyType
{
    /// <summary>A text.</summary>
    Text,

    /// <summary>A whole number.</summary>
    Number,

    /// <summary>Seconds with milliseconds.</summary>
    Seconds,

    /// <summary>A time.</summary>
    Time,

    /// <summary>True or false.</summary>
    Boolean,

    /// <summary>A UUID.</summary>
    Uuid,

    /// <summary>A list of texts. An empty list counts as missing.</summary>
    List,
}

/// <summary>One property of a session: its public name, and where its value comes from.</summary>
/// <param name="Name">The name in JSON, filters and orders: PostHog's.</param>
/// <param name="Column">The column of the views.</param>
/// <param name="Type">The type of its value.</param>
/// <param name="Of">
/// Reads the value from a <see cref="Session"/>: a string, int, decimal, DateTimeOffset, bool, Guid, list of texts or null.
/// </param>
/// <param name="Always">Whether every session has a value.</param>
/// <param name="IsStored">
/// Whether a session's row has it as a column that each checkpoint writes; else it is the row's key, or the view
/// computes it.
/// </param>
public sealed record SessionProperty(
    string Name, string Column, PropertyType Type, Func<Session, object?> Of, bool Always = false, bool IsStored = true);
