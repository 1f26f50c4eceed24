using System.Diagnostics.CodeAnalysis;
using Sessions.Database.Properties;

namespace Sessions.Queries.Aggregates;

/// <summary>A property that a query asks about: one of sessions, or one of events.</summary>
/// <param name="OfSession">The property of sessions; null for one of events.</param>
/// <param name="OfEvent">The column or property of events; null for a property of sessions.</param>
public sealed record RequestedProperty(SessionProperty? OfSession, EventField? OfEvent)
{
    /// <summary>The type of its value.</summary>
    public PropertyType Type => OfSession?.Type ?? OfEvent!.Type;

    /// <summary>Its name.</summary>
    public string Name => OfSession?.Name ?? OfEvent!.Name;

    /// <summary>Whether it is one of the properties that senders choose, whose values may have any type.</summary>
    public bool IsKeyOfEvents => OfEvent is { Column: null };

    /// <summary>A property of sessions; null for none.</summary>
    [return: NotNullIfNotNull(nameof(property))]
    public static implicit operator RequestedProperty?(SessionProperty? property) => property is null ? null : new(property, null);

    /// <summary>A column or property of events; null for none.</summary>
    [return: NotNullIfNotNull(nameof(field))]
    public static implicit operator RequestedProperty?(EventField? field) => field is null ? null : new(null, field);
}
