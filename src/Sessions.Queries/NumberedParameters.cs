using Npgsql;

namespace Sessions.Queries;

/// <summary>Adds parameters to generated statements. Each parameter's name is its number.</summary>
internal static class NumberedParameters
{
    /// <summary>Adds a value and returns the name to write into the statement.</summary>
    public static string AddNext(this NpgsqlParameterCollection parameters, object value)
    {
        string name = $"@p{parameters.Count}";
        parameters.Add(new NpgsqlParameter(name, value));
        return name;
    }
}
