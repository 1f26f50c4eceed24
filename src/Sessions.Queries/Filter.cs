using Sessions.Database.Properties;
using Sessions.Queries.Engines;

namespace Sessions.Queries;

/// <summary>How a filter compares. A missing value matches only is_not_set and the negated operators.</summary>
public enum FilterOperator
{
    /// <summary>Equal to the value.</summary>
    Exact,

    /// <summary>Not equal to the value, or missing.</summary>
    IsNot,

    /// <summary>Equal to one of the values.</summary>
    In,

    /// <summary>Equal to none of the values, or missing.</summary>
    NotIn,

    /// <summary>Contains the value, without regard to letter case.</summary>
    IContains,

    /// <summary>Does not contain the value, without regard to letter case, or missing.</summary>
    NotIContains,

    /// <summary>Matches a Postgres regular expression.</summary>
    Regex,

    /// <summary>Does not match a Postgres regular expression, or missing.</summary>
    NotRegex,

    /// <summary>The list has one of the values.</summary>
    Contains,

    /// <summary>The list has none of the values, or is missing.</summary>
    NotContains,

    /// <summary>Greater than the value.</summary>
    Gt,

    /// <summary>Greater than or equal to the value.</summary>
    Gte,

    /// <summary>Less than the value.</summary>
    Lt,

    /// <summary>Less than or equal to the value.</summary>
    Lte,

    /// <summary>Between two values, both inclusive.</summary>
    Between,

    /// <summary>Not missing.</summary>
    IsSet,

    /// <summary>Missing.</summary>
    IsNotSet,
}

/// <summary>One condition on sessions or on events.</summary>
/// <param name="Operator">How the property is compared.</param>
/// <param name="Values">
/// The values to compare with: none for is_set and is_not_set, two for between, any number for in, not_in, contains
/// and not_contains, one for all others.
/// </param>
public abstract record Filter(FilterOperator Operator, IReadOnlyList<object> Values)
{
    /// <summary>
    /// Returns the SQL condition on a session with the alias <c>s</c>, and adds its values to the parameters.
    /// </summary>
    internal abstract string OnSession(StatementParameters parameters);

    /// <summary>
    /// Returns the SQL condition on an event with the alias <c>e</c>, whose session has the alias <c>s</c>.
    /// </summary>
    internal abstract string OnEvent(StatementParameters parameters);

    /// <summary>A filter that compares one expression with values of the expression's own type.</summary>
    private protected string Compare(string expression, PropertyType type, StatementParameters parameters, bool isByBytes = false)
    {
        Dialect dialect = parameters.Dialect;
        if (Operator is FilterOperator.Gt or FilterOperator.Gte or FilterOperator.Lt or FilterOperator.Lte or FilterOperator.Between)
        {
            dialect.CheckOrder(type, isByBytes);
        }

        return Operator switch
        {
            FilterOperator.Exact => $"{expression} = {Add(parameters, 0)}",
            FilterOperator.IsNot => $"{expression} is distinct from {Add(parameters, 0)}",
            FilterOperator.In => dialect.IsAnyOf(expression, Values, parameters),
            // A missing value (null) matches a negated condition, but "<> all", "= 0" and "!~" would return null for it.
            FilterOperator.NotIn => $"({dialect.IsAnyOf(expression, Values, parameters)}) is not true",
            FilterOperator.IContains => dialect.ContainsFolded(expression, type, (string)Values[0], parameters),
            FilterOperator.NotIContains => $"({dialect.ContainsFolded(expression, type, (string)Values[0], parameters)}) is not true",
            FilterOperator.Regex => dialect.Matches(expression, (string)Values[0], parameters),
            FilterOperator.NotRegex => $"({dialect.Matches(expression, (string)Values[0], parameters)}) is not true",
            FilterOperator.Contains => dialect.HasAnyOf(expression, Values, parameters),
            FilterOperator.NotContains => $"({dialect.HasAnyOf(expression, Values, parameters)}) is not true",
            FilterOperator.Gt => $"{expression} > {Add(parameters, 0)}",
            FilterOperator.Gte => $"{expression} >= {Add(parameters, 0)}",
            FilterOperator.Lt => $"{expression} < {Add(parameters, 0)}",
            FilterOperator.Lte => $"{expression} <= {Add(parameters, 0)}",
            FilterOperator.Between => $"{expression} between {Add(parameters, 0)} and {Add(parameters, 1)}",
            FilterOperator.IsSet => $"{expression} is not null",
            FilterOperator.IsNotSet => $"{expression} is null",
            _ => throw new InvalidOperationException($"{Operator} has no SQL."),
        };
    }

    private string Add(StatementParameters parameters, int value) => parameters.AddNext(Values[value]);
}

/// <summary>One condition on a property of a session.</summary>
/// <param name="Property">The property.</param>
/// <param name="Operator">How it is compared.</param>
/// <param name="Values">The values to compare with, of the property's type, or text for the operators on text.</param>
public sealed record SessionFilter(SessionProperty Property, FilterOperator Operator, IReadOnlyList<object> Values)
    : Filter(Operator, Values)
{
    /// <inheritdoc/>
    internal override string OnSession(StatementParameters parameters) =>
        // An empty list is not set.
        Compare(
            Property.Type == PropertyType.List ? parameters.Dialect.NullIfEmpty($"s.{Property.Column}") : $"s.{Property.Column}",
            Property.Type,
            parameters);

    /// <inheritdoc/>
    internal override string OnEvent(StatementParameters parameters) => OnSession(parameters);
}
