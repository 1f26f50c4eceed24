using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Sessions.Domain.Querying;

/// <summary>
/// A formula over series: <c>A / (B + 1) * 100</c>. The letters stand for the series in their order. The result has no
/// value when an operand has none, after a division by zero, and when it is too large for a number.
/// </summary>
public sealed class Formula
{
    /// <summary>The longest formula, in characters.</summary>
    public const int MaxLength = 500;

    /// <summary>The deepest nesting of parentheses and signs.</summary>
    public const int MaxDepth = 50;

    // In the order of a stack machine: the operands come before their operator.
    private readonly IReadOnlyList<Step> _steps;

    private Formula(string text, IReadOnlyList<Step> steps) => (Text, _steps) = (text, steps);

    private enum Kind
    {
        Number,
        Series,
        Add,
        Subtract,
        Multiply,
        Divide,
        Negate,
    }

    /// <summary>The formula as it was written.</summary>
    public string Text { get; }

    /// <summary>Reads a formula over this many series.</summary>
    /// <param name="text">The formula.</param>
    /// <param name="series">The number of series.</param>
    /// <param name="formula">The formula, if the text is valid.</param>
    /// <param name="fault">
    /// The problem, if the text is invalid, as the rest of a sentence that begins with the field.
    /// </param>
    public static bool TryParse(
        string text, int series, [NotNullWhen(true)] out Formula? formula, [NotNullWhen(false)] out string? fault)
    {
        (formula, fault) = (null, null);
        if (text.Length > MaxLength)
        {
            fault = $"must be at most {MaxLength} characters";
            return false;
        }

        Parser parser = new(text, series);
        parser.Sum(0);
        parser.End();
        fault = parser.Fault;
        if (fault is null)
        {
            formula = new Formula(text, parser.Steps);
        }

        return fault is null;
    }

    /// <summary>Computes the result from the values of the series; null when it has no value.</summary>
    public double? Of(Func<int, double?> series)
    {
        Stack<double?> stack = new();
        foreach (Step step in _steps)
        {
            switch (step.Kind)
            {
                case Kind.Number:
                    stack.Push(step.Number);
                    break;
                case Kind.Series:
                    stack.Push(series(step.Series));
                    break;
                case Kind.Negate:
                    stack.Push(-stack.Pop());
                    break;
                default:
                    double? right = stack.Pop();
                    stack.Push(Calculate(step.Kind, stack.Pop(), right));
                    break;
            }
        }

        return stack.Pop() is { } result && double.IsFinite(result) ? result : null;
    }

    private static double? Calculate(Kind kind, double? left, double? right) => kind switch
    {
        Kind.Add => left + right,
        Kind.Subtract => left - right,
        Kind.Multiply => left * right,
        Kind.Divide => right == 0 ? null : left / right,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };

    private readonly record struct Step(Kind Kind, double Number = 0, int Series = 0);

    /// <summary>A recursive-descent parser. It stops at the first fault.</summary>
    private sealed class Parser(string text, int series)
    {
        private int _at;

        public List<Step> Steps { get; } = [];

        public string? Fault { get; private set; }

        public void End()
        {
            if (_at < text.Length)
            {
                Fail($"has something unexpected at character {_at + 1}");
            }
        }

        public void Sum(int depth)
        {
            Product(depth);
            while (Fault is null && Next() is '+' or '-')
            {
                Kind kind = text[_at++] == '+' ? Kind.Add : Kind.Subtract;
                Product(depth);
                Steps.Add(new Step(kind));
            }
        }

        private void Product(int depth)
        {
            Operand(depth);
            while (Fault is null && Next() is '*' or '/')
            {
                Kind kind = text[_at++] == '*' ? Kind.Multiply : Kind.Divide;
                Operand(depth);
                Steps.Add(new Step(kind));
            }
        }

        private void Operand(int depth)
        {
            if (depth > MaxDepth)
            {
                Fail($"must not be nested deeper than {MaxDepth}");
                return;
            }

            char next = Next();
            switch (next)
            {
                case '-':
                    _at++;
                    Operand(depth + 1);
                    Steps.Add(new Step(Kind.Negate));
                    break;
                case '+':
                    _at++;
                    Operand(depth + 1);
                    break;
                case '(':
                    _at++;
                    Sum(depth + 1);
                    Close();
                    break;
                case >= 'A' and <= 'Z':
                    Letter(next);
                    break;
                case (>= '0' and <= '9') or '.':
                    Number();
                    break;
                default:
                    Fail(next == '\0'
                        ? "ends where a series, a number or a parenthesis is expected"
                        : $"has something unexpected at character {_at + 1}: a series (A, B …), a number or a parenthesis is expected");
                    break;
            }
        }

        private void Letter(char letter)
        {
            int index = letter - 'A';
            if (index >= series)
            {
                Fail($"names series {letter}, but there are only {series}");
                return;
            }

            _at++;
            Steps.Add(new Step(Kind.Series, Series: index));
        }

        private void Number()
        {
            int from = _at;
            while (_at < text.Length && (char.IsAsciiDigit(text[_at]) || text[_at] == '.'))
            {
                _at++;
            }

            if (double.TryParse(
                    text.AsSpan(from, _at - from), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number)
                && double.IsFinite(number))
            {
                Steps.Add(new Step(Kind.Number, number));
            }
            else
            {
                Fail($"has a wrong number at character {from + 1}");
            }
        }

        private void Close()
        {
            if (Next() == ')')
            {
                _at++;
            }
            else
            {
                Fail("lacks a closing parenthesis");
            }
        }

        /// <summary>The next character that is not a space; NUL at the end.</summary>
        private char Next()
        {
            while (_at < text.Length && text[_at] == ' ')
            {
                _at++;
            }

            return _at < text.Length ? text[_at] : '\0';
        }

        private void Fail(string fault)
        {
            Fault ??= fault;
            _at = text.Length;
        }
    }
}
