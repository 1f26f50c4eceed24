namespace Sessions;

/// <summary>The string key of an <c>IProjectGrain</c>.</summary>
/// <remarks>
/// The prefix is not hexadecimal on purpose: Orleans' relational grain storage parses a key that looks like a number,
/// and then two projects could share their settings.
/// </remarks>
public static class ProjectKey
{
    private const string Prefix = "project~";

    /// <summary>The key of a project.</summary>
    /// <exception cref="ArgumentException">The project is malformed.</exception>
    public static string Create(string project)
    {
        ProjectId.Check(project);
        return Prefix + project;
    }

    /// <summary>The project of a key that <see cref="Create"/> made.</summary>
    /// <exception cref="FormatException">The text is no project key.</exception>
    public static string Parse(string grainKey)
    {
        ArgumentNullException.ThrowIfNull(grainKey);
        return grainKey.StartsWith(Prefix, StringComparison.Ordinal) && ProjectId.IsValid(grainKey.AsSpan(Prefix.Length))
            ? grainKey[Prefix.Length..]
            : throw new FormatException($"'{grainKey}' is no project key; make one with ProjectKey.Create.");
    }
}
