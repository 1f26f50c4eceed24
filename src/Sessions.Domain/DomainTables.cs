using System.Text;

namespace Sessions.Domain;

/// <summary>Reads the tables of facts: tab-separated files that are embedded in the assembly.</summary>
internal static class DomainTables
{
    /// <summary>The rows of a table without its comments (<c>#</c>) and blank lines.</summary>
    /// <exception cref="InvalidDataException">A row has another number of columns: the file is wrong.</exception>
    public static IEnumerable<string[]> Read(string name, int columns)
    {
        using Stream file = typeof(DomainTables).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidDataException($"{name} is not embedded in the assembly.");
        using var reader = new StreamReader(file, Encoding.UTF8);

        for (int number = 1; reader.ReadLine() is { } line; number++)
        {
            if (line.Length == 0 || line[0] == '#')
            {
                continue;
            }

            string[] row = line.Split('\t');
            yield return row.Length == columns
                ? row
                : throw new InvalidDataException($"{name}, line {number}: {row.Length} columns instead of {columns}.");
        }
    }
}
