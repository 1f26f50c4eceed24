using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Sessions.Web.UserSql;

/// <summary>Reads a list in the form in which Postgres writes it: <c>{a,"b c",NULL}</c>.</summary>
internal static class SqlList
{
    /// <summary>Reads a list; false when it is a list of lists, or begins at another index than 1.</summary>
    public static bool TryRead(string text, [NotNullWhen(true)] out IReadOnlyList<string?>? list)
    {
        list = null;
        if (text is not ['{', .., '}'])
        {
            return false;
        }

        List<string?> read = [];
        int at = 1;
        while (text[at] != '}')
        {
            if (text[at] == '{')
            {
                return false;
            }

            bool isQuoted = text[at] == '"';
            string one = Next(text, ref at);
            read.Add(!isQuoted && one == "NULL" ? null : one);
            at += text[at] == ',' ? 1 : 0;
        }

        list = read;
        return true;
    }

    private static string Next(string text, ref int at)
    {
        if (text[at] != '"')
        {
            int end = text.IndexOfAny([',', '}'], at);
            string plain = text[at..end];
            at = end;
            return plain;
        }

        StringBuilder quoted = new();
        for (at++; text[at] != '"'; at++)
        {
            at += text[at] == '\\' ? 1 : 0;
            quoted.Append(text[at]);
        }

        at++;
        return quoted.ToString();
    }
}
