namespace Sessions.Postgres;

/// <summary>The statements of this project: one <c>.sql</c> file each, embedded in the assembly.</summary>
internal static class QueryText
{
    /// <summary>Reads a statement. The name is the file's, so a missing one shows at the first use of the class.</summary>
    public static string Read(string file)
    {
        using Stream stream = typeof(QueryText).Assembly.GetManifestResourceStream(file)
            ?? throw new InvalidOperationException($"The statement {file} is not embedded in the assembly.");
        using StreamReader reader = new(stream);
        return reader.ReadToEnd();
    }
}
