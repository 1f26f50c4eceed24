using Sessions.Database.Properties;
using Sessions.Queries.Engines;

namespace Sessions.Queries;

/// <summary>A condition on an event. Applied to sessions, it holds for a session that has such an event.</summary>
/// <param name="Field">The event's column or property.</param>
/// <param name="Operator">How it is compared.</param>
/// <param name="Values">
/// The values to compare with. Values for a property are text or, if the caller gave a number, <see cref="decimal"/>.
/// Values for a column have the column's type.
/// </param>
public sealed record EventPropertyFilter(EventField Field, FilterOperator Operator, IReadOnlyList<object> Values)
    : Filter(Operator, Values)
{
    /// <inheritdoc/>
    internal override string OnSession(StatementParameters parameters)
    {
        string condition = OnEvent(parameters);
        return IsForNames ? parameters.Dialect.HasEventOfName(Values, condition, parameters) : parameters.Dialect.HasEvent(condition);
    }

    /// <inheritdoc/>
    internal override string OnEvent(StatementParameters parameters)
    {
        if (Field.Column is { } column)
        {
            return Compare($"e.{column}", Field.Type, parameters);
        }

        EventPropertySql property = parameters.Dialect.Property(Field.Name, parameters);
        if (Values.Any(value => value is decimal) && Operator is FilterOperator.Gt or FilterOperator.Gte or FilterOperator.Lt or FilterOperator.Lte or FilterOperator.Between)
        {
            return Compare(property.Number, PropertyType.Number, parameters);
        }

        return Operator switch
        {
            FilterOperator.Exact or FilterOperator.In => IsAnyOf(property, parameters),
            FilterOperator.IsNot or FilterOperator.NotIn => $"({IsAnyOf(property, parameters)}) is not true",
            FilterOperator.IsSet => property.IsSet,
            FilterOperator.IsNotSet => $"({property.IsSet}) is not true",
            _ => Compare(property.Text, PropertyType.Text, parameters, isByBytes: true),
        };
    }

    /// <summary>
    /// Whether it asks for names that a session's row has as events have them. The row cuts the longest names, which older
    /// versions stored.
    /// </summary>
    private bool IsForNames => Field.Column == EventField.NameColumn && Operator is FilterOperator.Exact or FilterOperator.In
        && Values.All(value => value is string { Length: < IdText.MaxLength - 1 });

    private string IsAnyOf(EventPropertySql property, StatementParameters parameters)
    {
        object[] numbers = [.. Values.Where(value => value is decimal)];
        object[] texts = [.. Values.Where(value => value is not decimal)];
        string[] conditions =
        [
            .. numbers is [] ? [] : new[] { parameters.Dialect.IsAnyOf(property.Number, numbers, parameters) },
            .. texts is [] ? [] : new[] { property.IsAnyOf(texts) },
        ];
        return $"({string.Join(" or ", conditions)})";
    }
}

/// <summary>A field of an event that filters can use: a column of the view, else a property.</summary>
/// <param name="Name">The column's or the property's name.</param>
/// <param name="Type">
/// The type of the column. A property may hold any value, and is compared as text or as a number.
/// </param>
/// <param name="Column">The column; null for a property.</param>
public sealed record EventField(string Name, PropertyType Type, string? Column)
{
    /// <summary>The column with the event's name.</summary>
    internal const string NameColumn = "event";

    private static readonly Dictionary<string, EventField> Columns = new EventField[]
    {
        Of(NameColumn, PropertyType.Text),
        Of("event_id", PropertyType.Uuid),
        Of("timestamp", PropertyType.Time),
        Of("received_at", PropertyType.Time),
        Of("distinct_id", PropertyType.Text),
        Of("device_id", PropertyType.Text),
        Of("window_id", PropertyType.Text),
        Of("current_url", PropertyType.Text),
        Of("pathname", PropertyType.Text),
    }.ToDictionary(field => field.Name);

    /// <summary>The columns' names.</summary>
    public static IReadOnlyCollection<string> ColumnNames => Columns.Keys;

    /// <summary>Finds the column with this name; else returns the property.</summary>
    public static EventField Find(string name) => Columns.GetValueOrDefault(name) ?? new EventField(name, PropertyType.Text, null);

    private static EventField Of(string column, PropertyType type) => new(column, type, column);
}
