using Sessions.Database.Properties;

namespace Sessions.Queries.Aggregates;

/// <summary>
/// Generates the SQL of a property's value. Sessions have the alias <c>s</c>, events <c>e</c>.
/// </summary>
internal static class PropertySql
{
    // As long as the texts that sessions keep. A group's value must fit into an answer.
    private const int MaxValue = 2_048;

    /// <summary>The SQL expression of a property's value.</summary>
    /// <param name="property">The property.</param>
    /// <param name="key">The parameter with the name of a property of events.</param>
    public static string Value(AskedProperty property, string key) => property switch
    {
        { OfSession: { } its } => $"s.{its.Column}",
        { OfEvent.Column: { } column } => $"e.{column}",
        // 1.50 and 1.5 are the same number.
        _ => $"left(case jsonb_typeof(e.properties -> {key}) when 'number' then trim_scale((e.properties ->> {key})::numeric)::text "
            + $"else e.properties ->> {key} end, {MaxValue})",
    };

    /// <summary>The SQL expression of a property as a number: true is 1, and a time is in seconds since 1970.</summary>
    /// <param name="property">The property.</param>
    /// <param name="key">The parameter with the name of a property of events.</param>
    public static string Number(AskedProperty property, string key)
    {
        if (property.IsKeyOfEvents)
        {
            return EventNumber.Calculable($"(e.properties ->> {key})", $"(e.properties -> {key})");
        }

        string value = Value(property, key);
        return property.Type switch
        {
            PropertyType.Number or PropertyType.Seconds => value,
            PropertyType.Boolean => $"{value}::integer",
            PropertyType.Time => $"extract(epoch from {value})",
            _ when property.OfEvent is not null => EventNumber.Calculable($"({value}::text)", $"to_jsonb({value}::text)"),
            _ => throw new InvalidOperationException($"{property.Name} is no number."),
        };
    }
}
