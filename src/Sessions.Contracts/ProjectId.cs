namespace Sessions;

/// <summary>Checks project ids: 1 to 40 characters of <c>a-z 0-9 - _</c>.</summary>
public static class ProjectId
{
    /// <summary>The longest project id, in characters.</summary>
    public const int MaxLength = 40;

    /// <summary>The project that exists from the beginning.</summary>
    public const string Default = "default";

    /// <summary>Whether the text can be a project's id.</summary>
    public static bool IsValid(ReadOnlySpan<char> project)
    {
        if (project.IsEmpty || project.Length > MaxLength)
        {
            return false;
        }

        foreach (char c in project)
        {
            if (!char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c is not ('-' or '_'))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Throws when the text cannot be a project's id.</summary>
    /// <exception cref="ArgumentException">The project is malformed.</exception>
    public static void Check(string project)
    {
        if (!IsValid(project))
        {
            throw new ArgumentException($"'{project}' is no project id: 1 to {MaxLength} characters of a-z 0-9 - _.", nameof(project));
        }
    }
}
