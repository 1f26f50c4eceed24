using Npgsql;

namespace Sessions.Postgres.Queries;

/// <summary>What is wrong with a regular expression.</summary>
/// <param name="Index">Its place among those asked about.</param>
/// <param name="Message">What Postgres says.</param>
public sealed record RegexFault(int Index, string Message);

/// <summary>Whether Postgres can read regular expressions: those that it is to use, it had better judge.</summary>
public sealed class RegexCheck(QuestionDataSource database)
{
    private static readonly string Text = QueryText.Read("regex_check.sql");

    /// <summary>The first that it can't read; null when it can read all.</summary>
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
