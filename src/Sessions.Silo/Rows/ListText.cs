using System.Text;

namespace Sessions.Silo.Rows;

/// <summary>Writes lists of texts as Postgres reads them: <c>{"a","b"}</c>.</summary>
internal static class ListText
{
    /// <summary>The list as one text; null when it is missing.</summary>
    public static string? Write(IReadOnlyList<string>? list)
    {
        if (list is null)
        {
            return null;
        }

        StringBuilder text = new("{");
        foreach (string one in list)
        {
            text.Append(text.Length > 1 ? "," : "").Append('"');
            foreach (char character in one)
            {
                if (character is '"' or '\\')
                {
                    text.Append('\\');
                }

                text.Append(character);
            }

            text.Append('"');
        }

        return text.Append('}').ToString();
    }
}
