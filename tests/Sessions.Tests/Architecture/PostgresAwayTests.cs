using System.Text.RegularExpressions;

namespace Sessions.Tests.Architecture;

/// <summary>Only one class knows the exceptions that mean that Postgres is away.</summary>
public sealed partial class PostgresAwayTests
{
    [Fact]
    public void No_other_file_lists_the_exceptions_that_mean_that_Postgres_is_away()
    {
        string source = Path.Combine(ArrowTests.Root, "src");
        Assert.Empty(Directory.EnumerateFiles(source, "*.cs", SearchOption.AllDirectories)
            .Where(file => Path.GetFileName(file) != "PostgresAway.cs" && List().IsMatch(File.ReadAllText(file)))
            .Select(file => Path.GetRelativePath(source, file)));
    }

    [GeneratedRegex(@"\b(NpgsqlException or (TimeoutException|IOException)|(TimeoutException|IOException) or NpgsqlException)\b(?! \{)")]
    private static partial Regex List();
}
