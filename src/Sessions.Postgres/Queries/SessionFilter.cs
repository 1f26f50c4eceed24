using Npgsql;

namespace Sessions.Postgres.Queries;

/// <summary>How a filter compares. A session without the property matches is_not, not_in and is_not_set alone.</summary>
public enum FilterOperator
{
    Exact,
    IsNot,
    In,
    NotIn,
    IContains,
    NotIContains,
    Regex,
    NotRegex,
    Gt,
    Gte,
    Lt,
    Lte,
    Between,
    IsSet,
    IsNotSet,
}

/// <summary>One condition on a property of a session.</summary>
/// <param name="Property">The property.</param>
/// <param name="Operator">How it is compared.</param>
/// <param name="Values">
/// With what, each of the property's type (text for the operators on text): one, none for the two about being set, two
/// for between, any number for the two about lists.
/// </param>
public sealed record SessionFilter(SessionProperty Property, FilterOperator Operator, IReadOnlyList<object> Values)
{
    /// <summary>The condition, with its values added to the command's parameters.</summary>
    internal string Sql(NpgsqlParameterCollection parameters)
    {
        string column = Property.Column;
        return Operator switch
        {
            FilterOperator.Exact => $"{column} = {Add(0)}",
            FilterOperator.IsNot => $"{column} is distinct from {Add(0)}",
            FilterOperator.In => $"{column} in ({List()})",
            // "not in" alone is null for an absent value.
            FilterOperator.NotIn => $"({column} is null or {column} not in ({List()}))",
            FilterOperator.IContains => $"strpos(lower({column}::text), lower({Add(0)})) > 0",
            FilterOperator.NotIContains => $"strpos(lower({column}::text), lower({Add(0)})) = 0",
            FilterOperator.Regex => $"{column}::text ~ {Add(0)}",
            FilterOperator.NotRegex => $"{column}::text !~ {Add(0)}",
            FilterOperator.Gt => $"{column} > {Add(0)}",
            FilterOperator.Gte => $"{column} >= {Add(0)}",
            FilterOperator.Lt => $"{column} < {Add(0)}",
            FilterOperator.Lte => $"{column} <= {Add(0)}",
            FilterOperator.Between => $"{column} between {Add(0)} and {Add(1)}",
            FilterOperator.IsSet => $"{column} is not null",
            FilterOperator.IsNotSet => $"{column} is null",
            _ => throw new InvalidOperationException($"{Operator} has no SQL."),
        };

        string Add(int value)
        {
            string name = $"@filter{parameters.Count}";
            parameters.Add(new NpgsqlParameter(name, Values[value]));
            return name;
        }

        string List() => string.Join(", ", Enumerable.Range(0, Values.Count).Select(Add));
    }
}
