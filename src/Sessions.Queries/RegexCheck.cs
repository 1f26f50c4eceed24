using Npgsql;
using Sessions.Database;

namespace Sessions.Queries;

/// <summary>An invalid regular expression.</summary>
/// <param name="Index">The expression's index in the list.</param>
/// <param name="Message">The message from Postgres.</param>
public sealed record RegexFault(int Index, string Message);

/// <summary>Checks regular expressions by letting Postgres compile them, because Postgres will run them.</summary>
public sealed class RegexCheck(QueryDataSource database)
{
    private static readonly string Text = SqlFile.Read("regex_check.sql");

    /// <summary>Returns the first invalid expression; null when all are valid.</summary>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public async Task<RegexFault?> FirstFault(IEnumerable<string> regexes, CancellationToken cancellation)
    {
        foreach ((int index, string regex) in regexes.Index())
        {
            await using NpgsqlCommand command = database.Source.CreateCommand(Text);
            command.Parameters.Add(new() { Value = regex });
            try
            {
                await command.ExecuteNonQueryAsync(cancellation);
            }
            catch (PostgresException refused) when (refused.SqlState == PostgresErrorCodes.InvalidRegularExpression)
            {
                return new RegexFault(index, refused.MessageText);
            }
        }

        return null;
    }
}
